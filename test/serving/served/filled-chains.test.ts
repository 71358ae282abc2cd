import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ChainRates } from "../../../src/serving/served/chains/chain-rates.js";
import { makeObviousChains } from "../../../src/serving/served/chains/obvious-chains.js";
import { clusterOf } from "../simulate/fixtures.js";

/** Every chain serves alike, so that as many as possible are made. */
const ALIKE: ChainRates = {
  of: () => 1,
  atMost: () => 1,
  noiseOf: () => 0,
  trialOf: () => undefined,
  pace: () => undefined,
  tryLonger: () => undefined,
};

/** Equal nodes, each for so many of the 8 layers. */
function stockOf(count: number, most: number, mostNodes: number) {
  const base = clusterOf({ layers: 8, nodes: count, kvTokens: 30_000 });
  const [machine] = base.machines;
  const { capacity } = machine!;
  const limited = {
    ...capacity,
    maxLayers: most,
    tokensPerSecond: capacity.tokensPerSecond.slice(0, most),
    kvCacheTokens: capacity.kvCacheTokens!.slice(0, most),
  };
  const cluster = { ...base, machines: [{ ...machine!, capacity: limited }] };
  return { cluster, nodes: [...cluster.nodes.keys()], mostNodes };
}

test("seven nodes, two of which hold the model, are chains of two, two and three", () => {
  const chains = makeObviousChains(stockOf(7, 4, Infinity), ALIKE, "filled");
  expect(chains.map(({ nodes }) => nodes)).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]);
});

test("filled chains are as many as before, of nearly one length, and within the most nodes of a chain", () => {
  const cases = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    most: fc.integer({ min: 1, max: 8 }),
    mostNodes: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(cases, ({ count, most, mostNodes }) => {
      const stock = stockOf(count, most, mostNodes);
      const plain = makeObviousChains(stock, ALIKE);
      const filled = makeObviousChains(stock, ALIKE, "filled");
      const lengths = filled.map(({ nodes }) => nodes.length);
      const used = filled.flatMap(({ nodes }) => nodes);
      expect(filled).toHaveLength(plain.length);
      expect(new Set(used).size).toBe(used.length);
      for (const length of lengths) {
        expect(length).toBeLessThanOrEqual(mostNodes);
        expect(Math.max(...lengths) - length).toBeLessThanOrEqual(1);
      }
      const room = filled.length * Math.min(mostNodes, stock.cluster.model.layers);
      if (filled.length > 0 && count <= room) expect(used).toHaveLength(count);
    }),
  );
});
