import type { ChainSpace, RateLevel } from "./chain-space.js";
import { priceByLabels, rememberNodes } from "./label-chains.js";

/** A chain of nodes that hold each layer once. */
export interface PricedChain {
  /** What its nodes load, in layers of the largest kind, and their prices. */
  readonly cost: number;
  readonly nodes: readonly ChainStep[];
}

export type ChainStep = readonly [machineClass: number, start: number, end: number];

/** Finds the cheapest chain of a level at prices of nodes by class; Infinity: none of the class. */
export type ChainPricer = (level: RateLevel, prices: Float64Array) => PricedChain | undefined;

/**
 * Dynamic programming over borders and regions. Where the cheapest chain so found takes a node twice, again with labels that remember
 * which nodes were taken whose own layers the border is within: there the second time would cost nothing. A node may still stand in a chain twice
 * elsewhere, which only makes a chain cheaper. O(classes · layers · layers of a node), with labels some times that.
 */
export function createChainPricer(space: ChainSpace): ChainPricer {
  const { layers, kinds, links } = space;
  const regions = links.length;
  const memory = rememberNodes(space);
  const cost = new Float64Array((layers + 1) * regions);
  const byClass = new Int16Array(cost.length);
  const byStart = new Int16Array(cost.length);
  const byRegion = new Int16Array(cost.length);
  return (level, prices) => {
    const crosses = links.map((row) => row.map((link) => link >= level.least));
    let best: PricedChain | undefined;
    for (const kind of kinds) {
      const plain = pricePlainly(kind, level, prices, crosses);
      if (plain === undefined || plain.cost >= (best?.cost ?? Infinity)) continue;
      const chain = repeats(space, plain)
        ? priceByLabels(space, memory, { kind, level, prices, crosses })
        : plain;
      if (chain !== undefined && chain.cost < (best?.cost ?? Infinity)) best = chain;
    }
    return best;
  };

  function pricePlainly(
    kind: readonly number[],
    { reach }: RateLevel,
    prices: Float64Array,
    crosses: readonly (readonly boolean[])[],
  ): PricedChain | undefined {
    cost.fill(Infinity);
    for (let start = 0; start < layers; start++) {
      for (let region = 0; region < regions; region++) {
        let before = start === 0 ? 0 : Infinity;
        let from = -1;
        for (let other = 0; other < regions; other++) {
          const own = start === 0 ? Infinity : cost[start * regions + other]!;
          if (own >= before || !crosses[other]![region]!) continue;
          [before, from] = [own, other];
        }
        if (before === Infinity) continue;
        for (const at of kind) {
          const { region: own, bytes } = space.classes[at]!;
          const price = before + prices[at]!;
          if (own !== region || price === Infinity) continue;
          const most = reach[at * layers + start]!;
          for (let size = 1; size <= most; size++) {
            const state = (start + size) * regions + region;
            const all = price + bytes[start * layers + size - 1]!;
            if (all >= cost[state]!) continue;
            cost[state] = all;
            byClass[state] = at;
            byStart[state] = start;
            byRegion[state] = from;
          }
        }
      }
    }
    let last = layers * regions;
    for (let region = 1; region < regions; region++)
      if (cost[layers * regions + region]! < cost[last]!) last = layers * regions + region;
    if (cost[last] === Infinity) return undefined;
    const nodes: ChainStep[] = [];
    for (let state = last; state >= regions;) {
      const start = byStart[state]!;
      nodes.unshift([byClass[state]!, start, Math.floor(state / regions)]);
      state = start === 0 ? 0 : start * regions + byRegion[state]!;
    }
    return { cost: cost[last]!, nodes };
  }
}

/** Whether a chain takes more nodes of a class than there are. */
function repeats({ classes }: ChainSpace, { nodes }: PricedChain): boolean {
  const taken = new Map<number, number>();
  for (const [at] of nodes) taken.set(at, (taken.get(at) ?? 0) + 1);
  return [...taken].some(([at, count]) => count > classes[at]!.nodes.length);
}
