import { describe, expect, test } from "vitest";
import { partCluster, uniformPartition } from "../../../src/core/parting.js";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { placeChains, placeOnTrial } from "../../../src/serving/served/chains/place-chains.js";
import type { PlannedChain } from "../../../src/serving/served/chains/chain-layers.js";
import { describeChains } from "../../../src/serving/simulate/chains/chain.js";

/** A server of four cards (nodes 0 to 3) and four machines of one card (4 to 7), with NICs of 1 Gb/s. */
const { cluster, engine } = (() => {
  const whole = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "office",
    model: "llama-3-8b",
    engine: "vllm",
    workload: "sharegpt",
    machines: {
      server: { gpu: "RTX 4090", gpus: 4, nic: "1 Gb/s" },
      single: { gpu: "RTX 4090", nic: "1 Gb/s" },
    },
    nodes: [
      { id: "server", machine: "server", region: "r" },
      { id: "single", machine: "single", count: 4, region: "r" },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.5 ms" } },
    coordinator: { region: "r", nic: "25 Gb/s" },
  });
  const parted = partCluster(whole, uniformPartition(whole.parting!, 1));
  const { cluster, chosen } = clusterUnder(parted, {});
  const { batching, overhead } = chosen.engine;
  if (batching.kind !== "chain") throw new Error("vLLM runs chains");
  return { cluster, engine: { batching, overhead } };
})();

const { activationBytes, layers } = cluster.model;
const WIRE = 1.25e8;

function chainOf(...nodes: readonly number[]): PlannedChain {
  const end = (at: number): number => Math.floor((layers * at) / nodes.length);
  return { nodes, layers: nodes.map((_, at) => [end(at), end(at + 1)] as const) };
}

/** Bytes/s of what goes from each stage to the next. */
function widthsOf(chains: readonly PlannedChain[], placement = placeChains(cluster, chains)) {
  const described = describeChains(
    cluster,
    placement,
    chains.map(({ nodes }) => ({ nodes, flow: 1 })),
    engine,
  );
  return described.map(({ stages }) =>
    stages.slice(0, -1).map(({ secondsPerToken }) => activationBytes / secondsPerToken),
  );
}

describe("the links of a server", () => {
  test("have its wires for themselves where one chain runs through all its cards", () => {
    const [widths] = widthsOf([chainOf(4, 0, 1, 2, 3, 5)]);
    expect(widths![0]).toBeCloseTo(WIRE, 3);
    expect(widths![4]).toBeCloseTo(WIRE, 3);
    expect(Math.min(...widths!.slice(1, 4))).toBeGreaterThan(8 * WIRE);
  });

  test("share them equally where two chains leave it, in each direction for itself", () => {
    const [out, across] = widthsOf([chainOf(0, 1, 4), chainOf(2, 5, 3, 6)]);
    expect(out![1]).toBeCloseTo(WIRE / 3, 3);
    expect(across![0]).toBeCloseTo(WIRE / 3, 3);
    expect(across![1]! / WIRE).toBeCloseTo(1, 3);
    expect(across![2]).toBeCloseTo(WIRE / 3, 3);
  });

  test("have them but for the ids that other chains send home", () => {
    const [[out]] = [widthsOf([chainOf(0, 4), chainOf(1, 2, 3)])[0]!];
    expect(out!).toBeLessThan(WIRE);
    expect(out!).toBeGreaterThan(0.999 * WIRE);
  });

  test("are on trial what they are in the placement of chains alike", () => {
    const both = [chainOf(0, 1, 4), chainOf(2, 3, 5)];
    const [together] = widthsOf(both);
    const [alone] = widthsOf([both[0]!], placeOnTrial(cluster, both[0]!));
    expect(together![1]).toBeCloseTo(WIRE / 2, 3);
    expect(alone).toEqual(together);
    const [kept] = widthsOf([both[0]!], placeChains(cluster, both));
    expect(kept).toEqual(together);
  });
});
