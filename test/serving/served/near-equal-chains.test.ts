import { expect, test } from "vitest";
import { partCluster, uniformPartition } from "../../../src/core/parting.js";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import {
  describeLikeness,
  listSiblings,
  type PlannedChain,
} from "../../../src/serving/served/chains/chain-layers.js";
import { createChainRates } from "../../../src/serving/served/chains/chain-rates.js";
import { servesMore } from "../../../src/serving/served/chains/compare-chains.js";
import { listObvious } from "../../../src/serving/served/chains/list-obvious.js";

/** So many machines of two cards, every card a node of its own, NICs so thin that chains wait for them. */
function cards(machines: number) {
  const whole = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "cards",
    model: "llama-3-70b",
    engine: "llama.cpp",
    workload: "sharegpt",
    machines: { m: { gpu: "RTX 4090", gpus: 2, nic: "1 Gb/s" } },
    nodes: [{ id: "n", machine: "m", count: machines, region: "r" }],
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "0.5 ms" } },
    coordinator: { region: "r", nic: "25 Gb/s" },
  });
  const parted = partCluster(whole, uniformPartition(whole.parting!, 1));
  const { cluster, chosen } = clusterUnder(parted, {});
  const lengths = chooseLengths(cluster.workload);
  return { cluster, rates: createChainRates(cluster, chosen.engine, lengths, { seed: 1 }) };
}

const evenly = (nodes: readonly number[]): PlannedChain => ({
  nodes,
  layers: nodes.map((_, at) => [10 * at, 10 * (at + 1)] as const),
});

test("a chain whose neighbours are cards of one machine is another than one across machines", () => {
  const { cluster, rates } = cards(8);
  const beside = evenly([0, 1, 2, 3, 4, 5, 6, 7]);
  const across = evenly([0, 2, 4, 6, 8, 10, 12, 14]);
  const elsewhere = evenly([8, 9, 10, 11, 12, 13, 14, 15]);
  expect(describeLikeness(cluster, beside)).toBe(describeLikeness(cluster, elsewhere));
  expect(describeLikeness(cluster, across)).not.toBe(describeLikeness(cluster, beside));
  expect(listSiblings(cluster, across.nodes)).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
  expect(rates.of(across)).toBeLessThan(0.99 * rates.of(beside));
  expect(servesMore(cluster, [[beside], [across]], rates)).toBe(true);
});

test("of chains that a trial does not tell apart the longer trial decides", () => {
  const { cluster } = cards(2);
  const [first, second] = [evenly([0]), evenly([0, 1])];
  const short = new Map([[first, 102] as const, [second, 100] as const]);
  const long = new Map([[first, 99] as const, [second, 101] as const]);
  const longer = new Set<PlannedChain>();
  const ratesOf = (noise: number) => ({
    of: (chain: PlannedChain) => (longer.has(chain) ? long : short).get(chain)!,
    atMost: () => Infinity,
    deep: false,
    noiseOf: () => noise,
    trialOf: () => undefined,
    pace: () => undefined,
    tryLonger: (chain: PlannedChain) => void longer.add(chain),
  });
  expect(servesMore(cluster, [[first], [second]], ratesOf(0.5))).toBe(true);
  expect(longer.size).toBe(0);
  expect(servesMore(cluster, [[first], [second]], ratesOf(5))).toBe(false);
  expect(servesMore(cluster, [[second], [first]], ratesOf(5))).toBe(true);
  // What both have says nothing of which is better.
  expect(
    servesMore(
      cluster,
      [
        [first, second],
        [second, first],
      ],
      ratesOf(5),
    ),
  ).toBe(false);
});

test("longer chains stand on trial with what is then left over", () => {
  // Seven times eight cards leave six idle; six times nine leave eight, which make one more.
  const { cluster, rates } = cards(31);
  const nodes = cluster.nodes.map((_, node) => node);
  const stock = { cluster, nodes, mostNodes: Infinity };
  const lengths = [...listObvious(stock, rates)]
    .filter(({ name }) => name.includes("above the shortest"))
    .map(({ chains }) => chains.map((chain) => chain.nodes.length));
  expect(lengths[0]).toEqual([8, 8, 8, 8, 8, 8, 8]);
  expect(lengths[1]).toEqual([9, 9, 9, 9, 9, 9, 8]);
});
