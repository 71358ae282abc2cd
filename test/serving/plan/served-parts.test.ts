import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Two machines of four cards that any degree serves on. */
const FOURS = { engine: "vllm", gpu: "L40S", gpus: 4, count: 2 };

async function planFor(tensorParallel: "auto" | number, given: Partial<typeof FOURS> = {}) {
  const { engine, gpu, gpus, count } = { ...FOURS, ...given };
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "machines",
    engine,
    model: "llama-2-13b",
    workload: { promptTokens: 300, outputTokens: 100 },
    tensorParallel,
    machines: { box: { gpu, gpus, nic: "10 Gb/s" } },
    nodes: [{ id: "box", machine: "box", count, region: "r" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    coordinator: { region: "r" },
  });
  const options = { iterationLimit: 1, threads: 0 } as const;
  const outcome = await plan(cluster, options, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome.file;
}

/** How nodes form batches; the second takes most of a minute, and runs only when it is asked for. */
const ENGINES = [
  ["one scheduler runs a whole chain", "vllm"],
  ["every node forms batches of its own", "parallax"],
] as const;
const MOST = Number(process.env["PART_ENGINES"] ?? 1);

test.each(ENGINES.slice(0, MOST))(
  "where %s cards are shared out by what is served, under a bound for every degree",
  async (_, engine) => {
    const { served, objective } = await planFor("auto", { engine });
    expect(objective).toBe("served");
    for (const degree of [1, 2, 4]) {
      const alike = (await planFor(degree, { engine })).served!;
      expect(served!.decodeTokensPerSecond).toBeGreaterThanOrEqual(alike.decodeTokensPerSecond);
      expect(served!.bound).toBeGreaterThanOrEqual(alike.bound! * (1 - 1e-9));
    }
  },
);

test("where chains do not come out even, no degree that is planned by itself serves more", async () => {
  const odd = { gpu: "RTX-3060-12GB", gpus: 2, count: 3 };
  const auto = await planFor("auto", odd);
  for (const degree of [1, 2]) {
    const alike = await planFor(degree, odd);
    const { decodeTokensPerSecond } = auto.served!;
    expect(decodeTokensPerSecond).toBeGreaterThanOrEqual(alike.served!.decodeTokensPerSecond);
  }
});
