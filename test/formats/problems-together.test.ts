import { expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";

test("what is wrong with cards is said together with what is wrong with the figures of other machines", () => {
  const file = {
    format: "helix-place/cluster@1",
    name: "broken",
    model: "llama-3-8b",
    machines: {
      negative: { gpu: "L4", nic: -5 },
      misspelt: { gpu: "T44" },
      nothing: { nic: "10 Gb/s" },
      right: { gpu: "L4" },
      unused: { gpu: "T45" },
      listed: { cards: [{ gpu: "L4" }] },
    },
    nodes: ["negative", "misspelt", "nothing", "right", "listed"].map((machine) => ({
      id: machine,
      machine,
    })),
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
  };
  try {
    resolveCluster("cluster.json", file as never);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).problems.map(({ path }) => path)).toEqual([
      "machines.negative.nic",
      "machines.misspelt.gpu",
      "machines.nothing",
    ]);
  }
});

test("what is wrong with cards is said together with what is wrong with model, workload and network", () => {
  const file = {
    format: "helix-place/cluster@1",
    name: "broken",
    model: "llama-3-9b",
    workload: "azure-talk",
    machines: { misspelt: { gpu: "T44" }, right: { gpu: "L4" } },
    nodes: ["misspelt", "right"].map((machine) => ({ id: machine, machine })),
    network: { withinRegion: { bandwidth: "10 Gb", latency: "1 ms" } },
  };
  try {
    resolveCluster("cluster.json", file as never);
    expect.unreachable();
  } catch (error) {
    expect((error as InputError).problems.map(({ path }) => path).sort()).toEqual([
      "machines.misspelt.gpu",
      "model",
      "network.withinRegion.bandwidth",
      "workload",
    ]);
  }
});
