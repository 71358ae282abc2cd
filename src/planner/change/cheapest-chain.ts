import type { ChainSpace, RateLevel } from "./chain-space.js";
import { priceByLabels, rememberNodes } from "./label-chains.js";

export type ChainStep = readonly [machineClass: number, start: number, end: number];

/** The cheapest chain: what its nodes load, in layers of the largest kind, and their prices. */
export interface PricedChain {
  /** No chain costs less. */
  readonly cost: number;
  /** Absent where that is known to be the limit or more, and not how. */
  readonly nodes?: readonly ChainStep[];
}

/**
 * Finds the cheapest chain of a level at prices of nodes by class; Infinity: none of the class. What
 * costs the limit or more is of no interest.
 */
export type ChainPricer = (level: RateLevel, prices: Float64Array, limit: number) => PricedChain;

/**
 * Dynamic programming over borders and regions. Where the cheapest chain so found takes a node twice, again with labels that remember
 * which nodes were taken whose own layers the border is within: there the second time would cost nothing. A node may still stand in a chain twice
 * elsewhere, which only makes a chain cheaper. O(classes · layers · layers of a node), with labels some times that.
 */
export function createChainPricer(space: ChainSpace): ChainPricer {
  const { kinds, links } = space;
  const memory = rememberNodes(space);
  const rests = createRests(space);
  return (level, prices, limit) => {
    const crosses = links.map((row) => row.map((link) => link >= level.least));
    let best: PricedChain = { cost: Infinity };
    for (const kind of kinds) {
      const question = { kind, level, prices, crosses };
      const plain = pricePlainly(space, question, rests);
      if (plain.cost >= Math.min(best.cost, limit)) {
        if (plain.cost < best.cost) best = plain;
        continue;
      }
      const chain = repeats(space, plain.nodes!)
        ? priceByLabels(space, memory, question, { limit, rests: rests.after })
        : plain;
      if (chain.cost < best.cost) best = chain;
    }
    return best;
  };
}

/** What is asked of one pricing. */
export interface ChainQuestion {
  /** Classes that may stand in the chain. */
  readonly kind: readonly number[];
  readonly level: RateLevel;
  /** By class. */
  readonly prices: Float64Array;
  /** Whether so much goes from a region to another. */
  readonly crosses: readonly (readonly boolean[])[];
}

/** By border and region, border · regions + region: room for one pricing. */
interface Rests {
  /** What the rest costs at least behind a node of the region that ends there. */
  readonly after: Float64Array;
  /** The region of the next node. */
  readonly next: Int16Array;
  /** What the rest costs that begins there with a node of the region, its class and its end. */
  readonly from: Float64Array;
  readonly byClass: Int16Array;
  readonly byEnd: Int16Array;
}

function createRests({ layers, links }: ChainSpace): Rests {
  const size = (layers + 1) * links.length;
  return {
    after: new Float64Array(size),
    next: new Int16Array(size),
    from: new Float64Array(size),
    byClass: new Int16Array(size),
    byEnd: new Int16Array(size),
  };
}

/** The cheapest chain from its end to its start, in which nodes may stand several times; fills the rests. */
function pricePlainly(
  { classes, layers, links }: ChainSpace,
  { kind, level: { reach }, prices, crosses }: ChainQuestion,
  { after, next, from, byClass, byEnd }: Rests,
): PricedChain {
  const regions = links.length;
  from.fill(Infinity);
  after.fill(0, layers * regions);
  for (let start = layers - 1; start >= 0; start--) {
    for (const at of kind) {
      const { region, bytes } = classes[at]!;
      const price = prices[at]!;
      const state = start * regions + region;
      const most = reach[at * layers + start]!;
      let least = from[state]!;
      if (price >= least) continue;
      for (let size = 1; size <= most; size++) {
        const cost =
          price + bytes[start * layers + size - 1]! + after[(start + size) * regions + region]!;
        if (cost >= least) continue;
        least = cost;
        byClass[state] = at;
        byEnd[state] = start + size;
      }
      from[state] = least;
    }
    for (let region = 0; region < regions; region++) {
      let least = Infinity;
      for (let to = 0; to < regions; to++) {
        const cost = from[start * regions + to]!;
        if (cost >= least || !(start === 0 || crosses[region]![to]!)) continue;
        least = cost;
        next[start * regions + region] = to;
      }
      after[start * regions + region] = least;
    }
  }
  if (after[0] === Infinity) return { cost: Infinity };
  const nodes: ChainStep[] = [];
  let region = 0;
  for (let start = 0; start < layers;) {
    region = next[start * regions + region]!;
    const state = start * regions + region;
    nodes.push([byClass[state]!, start, byEnd[state]!]);
    start = byEnd[state]!;
  }
  return { cost: after[0]!, nodes };
}

/** Whether a chain takes more nodes of a class than there are. */
function repeats({ classes }: ChainSpace, nodes: readonly ChainStep[]): boolean {
  const taken = new Map<number, number>();
  for (const [at] of nodes) taken.set(at, (taken.get(at) ?? 0) + 1);
  return [...taken].some(([at, count]) => count > classes[at]!.nodes.length);
}
