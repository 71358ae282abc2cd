import { describe, expect, test } from "vitest";
import { partCluster, uniformPartition } from "../../../src/core/parting.js";
import { createRandom } from "../../../src/core/random.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import {
  exchangeRuns,
  listChanges,
  listRuns,
  shiftLayers,
} from "../../../src/serving/served/chains/chain-changes.js";
import { createChainRates } from "../../../src/serving/served/chains/chain-rates.js";
import { improveChains, polishChains } from "../../../src/serving/served/chains/improve-chains.js";

const MACHINES = {
  server: { gpu: "V100-16GB", gpus: 4, interconnect: "pcie", nic: "1 Gb/s" },
  new: { gpu: "RTX 4090", nic: "1 Gb/s" },
  old: { gpu: "RTX 3090", nic: "1 Gb/s" },
};

/** An office whose machines stand in this order in the file; every card by itself. */
function office(order: readonly (keyof typeof MACHINES)[]): Cluster {
  const whole = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "office",
    model: "qwen-2.5-32b",
    engine: "vllm",
    workload: "sharegpt",
    machines: MACHINES,
    nodes: order.map((machine, at) => ({ id: `${machine}-${at}`, machine, region: "r" })),
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "0.3 ms" } },
    coordinator: { region: "r", nic: "1 Gb/s" },
  });
  return partCluster(whole, uniformPartition(whole.parting!, 1));
}

/** One chain of all nodes in the file's order, so many layers each, and trials of chains. */
function chained(order: readonly (keyof typeof MACHINES)[], held: readonly number[]) {
  const { cluster, chosen } = clusterUnder(office(order), { batchTokens: 512 });
  const lengths = chooseLengths(cluster.workload);
  const rates = createChainRates(cluster, chosen.engine, lengths, { seed: 1, short: true });
  const nodes = [...cluster.nodes.keys()];
  let start = 0;
  const layers = held.map((count) => [start, (start += count)] as const);
  return { cluster, rates, chain: { nodes, layers }, stock: { cluster, nodes, mostNodes: 64 } };
}

describe("changes of a chain", () => {
  const { cluster, chain } = chained(["new", "server", "old", "old"], [12, 7, 7, 7, 7, 12, 12]);

  test("cards of a machine, and alike machines beside each other, stand together", () => {
    expect(listRuns(cluster, chain.nodes)).toEqual([[0], [1, 2, 3, 4], [5, 6]]);
  });

  test("runs that change places take their layers along", () => {
    const changed = exchangeRuns(cluster, chain, [1, 2])!;
    expect(changed.places).toEqual([0, 5, 6, 1, 2, 3, 4]);
    expect(changed.held).toEqual([12, 12, 12, 7, 7, 7, 7]);
    expect(exchangeRuns(cluster, chain, [1, 1])).toBeUndefined();
  });

  test("the last layer of a node stays", () => {
    expect(shiftLayers(chain, [1, 0], 6)?.held).toEqual([18, 1, 7, 7, 7, 12, 12]);
    expect(shiftLayers(chain, [1, 0], 7)).toBeUndefined();
  });

  test("all that are listed keep the layers and the nodes", () => {
    const changes = [...listChanges(cluster, chain)];
    // Three kinds, of which one gives a layer to another, two within which one does, and three runs.
    expect(changes).toHaveLength(3 * 2 + 2 + 3);
    for (const { places, held } of changes) {
      expect(places.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(held.reduce((sum, count) => sum + count, 0)).toBe(64);
    }
  });
});

test("a chain that is cut badly by a layer is mended without luck", () => {
  const { rates, chain, stock } = chained(
    ["new", "old", "old", "server"],
    [13, 12, 12, 7, 7, 7, 6],
  );
  const [polished] = [...polishChains(stock, [chain], rates)].at(-1)!;
  expect(rates.of(polished!)).toBeGreaterThan(rates.of(chain));
  const [again] = [...polishChains(stock, [polished!], rates)].at(-1)!;
  expect(again).toBe(polished);
});

test("machines serve alike in whichever order a file names them", () => {
  const served = (["new", "old"] as const).map((first) => {
    const order =
      first === "new"
        ? (["new", "server", "old", "old"] as const)
        : (["old", "old", "server", "new"] as const);
    const held = first === "new" ? [12, 7, 7, 7, 7, 12, 12] : [12, 12, 7, 7, 7, 7, 12];
    const { rates, chain, stock } = chained(order, held);
    let [best] = [...polishChains(stock, [chain], rates)].at(-1)!;
    const random = createRandom(1);
    for (let move = 0; move < 40; move += 1) [best] = improveChains(stock, [best!], rates, random);
    return rates.of(best!);
  });
  expect(Math.max(...served) / Math.min(...served)).toBeLessThan(1.01);
});
