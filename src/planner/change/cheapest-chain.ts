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

/** Finds the cheapest chain. What costs the limit or more is of no interest. */
export type ChainPricer = (question: ChainQuestion, limit: number) => PricedChain;

/**
 * Dynamic programming over borders and regions. Where the cheapest chain so found takes a node twice, again with labels that remember
 * which nodes were taken whose own layers the border is within, where the second time would cost nothing, and how many of the machine type of
 * which there were too many. A node may still stand in a chain twice elsewhere, which only makes a chain cheaper. O(classes · layers ·
 * layers of a node), with labels some times that.
 */
export function createChainPricer(space: ChainSpace): ChainPricer {
  const memory = rememberNodes(space);
  const rests = createRests(space);
  return (question, limit) => {
    const plain = pricePlainly(space, question, rests);
    if (plain.nodes === undefined || plain.cost >= limit) return plain;
    const { repeats, machine } = listRepeats(space, plain.nodes);
    if (!repeats) return plain;
    return priceByLabels(space, memory, question, { limit, rests: rests.after, machine });
  };
}

/** What is asked of one pricing. */
export interface ChainQuestion {
  /** Classes that may stand in the chain. */
  readonly kind: readonly number[];
  readonly level: RateLevel;
  /** Of nodes, by class; Infinity: none of it. */
  readonly prices: Float64Array;
  /** See {@link listCheapest}. */
  readonly starting: readonly (readonly number[])[];
}

/** By start the classes of which a node may be the cheapest there: of those that are alike but for their prices, one. */
export function listCheapest(
  { layers, alike }: ChainSpace,
  kind: readonly number[],
  prices: Float64Array,
): readonly (readonly number[])[] {
  const rising = kind.filter((at) => prices[at]! < Infinity);
  rising.sort((a, b) => prices[a]! - prices[b]!);
  return Array.from({ length: layers }, (_, start) => {
    const seen = new Set<number>();
    return rising.filter((at) => {
      const first = alike[at * layers + start]!;
      return !seen.has(first) && seen.add(first);
    });
  });
}

/** By border and region, border · regions + region, and as much again for chains that must still take a node that is not whole. */
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

function createRests({ layers, regions }: ChainSpace): Rests {
  const size = 2 * (layers + 1) * regions;
  return {
    after: new Float64Array(size),
    next: new Int16Array(size),
    from: new Float64Array(size),
    byClass: new Int16Array(size),
    byEnd: new Int16Array(size),
  };
}

/** The cheapest chain from its end to its start, in which nodes may stand several times; fills the rests. */
function pricePlainly(space: ChainSpace, question: ChainQuestion, rests: Rests): PricedChain {
  const { classes, layers, regions, whole } = space;
  const { kind, level, prices } = question;
  fillRests(space, question, rests, 0);
  const mixed = kind.some((at) => whole.has(at));
  if (mixed) fillRests(space, question, rests, 1);
  const size = (layers + 1) * regions;
  let cost = rests.after[mixed ? size : 0]!;
  let alone = -1;
  for (const at of whole) {
    const { bytes } = classes[at]!;
    const own = prices[at]! + bytes[layers - 1]!;
    if (!kind.includes(at) || level.reach[at * layers]! < layers || own >= cost) continue;
    [cost, alone] = [own, at];
  }
  if (cost === Infinity) return { cost };
  if (alone >= 0) return { cost, nodes: [[alone, 0, layers]] };
  const nodes: ChainStep[] = [];
  let region = 0;
  let offset = mixed ? size : 0;
  for (let start = 0; start < layers;) {
    region = rests.next[offset + start * regions + region]!;
    const state = offset + start * regions + region;
    const at = rests.byClass[state]!;
    const end = rests.byEnd[state]!;
    nodes.push([at, start, end]);
    if (!whole.has(at)) offset = 0;
    start = end;
  }
  return { cost, nodes };
}

/** @param must 1 where the rest must take a node that is not whole. */
function fillRests(
  { classes, layers, regions, whole }: ChainSpace,
  { starting, level: { reach, crosses }, prices }: ChainQuestion,
  { after, next, from, byClass, byEnd }: Rests,
  must: 0 | 1,
): void {
  const size = (layers + 1) * regions;
  const base = must * size;
  from.fill(Infinity, base, base + size);
  after.fill(must === 1 ? Infinity : 0, base + layers * regions, base + size);
  for (let start = layers - 1; start >= 0; start--) {
    for (const at of starting[start]!) {
      const { region, bytes, free } = classes[at]!;
      const price = prices[at]!;
      const state = base + start * regions + region;
      const most = reach[at * layers + start]!;
      const rest = whole.has(at) ? base : 0;
      let least = from[state]!;
      if (price >= least) continue;
      for (let layer = 0; layer < most; layer++) {
        layer = Math.min(free[start * layers + layer]!, most - 1);
        const own = price + bytes[start * layers + layer]!;
        if (own >= least) break;
        const cost = own + after[rest + (start + layer + 1) * regions + region]!;
        if (cost >= least) continue;
        least = cost;
        byClass[state] = at;
        byEnd[state] = start + layer + 1;
      }
      from[state] = least;
    }
    for (let region = 0; region < regions; region++) {
      let least = Infinity;
      for (let to = 0; to < regions; to++) {
        const cost = from[base + start * regions + to]!;
        if (cost >= least || !(start === 0 || crosses[region]![to]!)) continue;
        least = cost;
        next[base + start * regions + region] = to;
      }
      after[base + start * regions + region] = least;
    }
  }
}

/** Whether a chain takes more nodes of a class than there are, and the machine type of which it takes most too many. */
function listRepeats(
  { classes, machines }: ChainSpace,
  nodes: readonly ChainStep[],
): { readonly repeats: boolean; readonly machine: number | undefined } {
  const taken = new Map<number, number>();
  const ofMachine = new Map<number, number>();
  for (const [at] of nodes) {
    const { machine } = classes[at]!;
    taken.set(at, (taken.get(at) ?? 0) + 1);
    ofMachine.set(machine, (ofMachine.get(machine) ?? 0) + 1);
  }
  const over = [...ofMachine]
    .map(([machine, count]) => [machine, count - machines.get(machine)!] as const)
    .reduce((most, each) => (each[1] > most[1] ? each : most), [-1, 0] as const);
  return {
    repeats: [...taken].some(([at, count]) => count > classes[at]!.nodes.length),
    machine: over[1] > 0 ? over[0] : undefined,
  };
}
