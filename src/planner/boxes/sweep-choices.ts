import {
  createSweepCandidates,
  listEnds,
  listStarts,
  type SweepCandidates,
} from "./sweep-candidates.js";
import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import type { SweepPrices } from "./sweep-prices.js";
import { isIn, type SweepState } from "./sweep-state.js";

/** Covers what rounding does to sums of rates and of work, relative. */
const ROUNDING = 1e-9;

/** Which nodes may end and start at a layer of a sweep. */
export interface SweepChoices {
  /**
   * Sets of nodes that end and that start at a layer, as bits, one pair after the other (ends, starts, ends, …). Left out are
   * pairs that could not cover the next layer, or leave too little work for the layers behind it, by sums over single
   * nodes, with prices of every kind and without; what remains is to be looked at as a whole. The prices must have been asked for the layer. At layer 0 all that start get their tokens from the coordinator.
   */
  list(limits: SweepLimits, at: number): readonly number[];
  /** Steps that `list` took since it was made. */
  steps(): number;
}

/**
 * Depth first over the nodes, those that end first. Of twins that started together the first ends first, of
 * twins that have not started the first starts first.
 */
export function createSweepChoices(
  nodes: SweepNodes,
  state: SweepState,
  prices: readonly SweepPrices[],
): SweepChoices {
  const { count, layers, links, leadsTo, entry } = nodes;
  const ends = createSweepCandidates(count);
  const starts = createSweepCandidates(count);
  const spares = createSpares(prices, ends);
  /** Of the nodes that may start, those that the chosen ends lead to: position, what comes, and what comes to all behind. */
  const reached = new Int32Array(count);
  const comes = new Float64Array(count);
  const behind = new Float64Array(count + 1);
  let known = 0;
  let taken = 0;
  let pairs: number[] = [];
  let layer = 0;
  let out = 0;
  /** Least work and cover; what those that may start could cover together. */
  let least = 0;
  let wanted = 0;
  let fresh = 0;

  const listReached = (): void => {
    known = 0;
    for (let position = 0; position < starts.count; position++) {
      const j = starts.ids[position]!;
      let sum = layer === 0 ? entry[j]! : 0;
      let isReached = layer === 0;
      for (let k = 0; k < ends.count; k++) {
        const i = ends.ids[k]!;
        if (!isIn(out, i) || !isIn(leadsTo[i]!, j)) continue;
        isReached = true;
        sum += Math.min(links[i * count + j]!, nodes.rate(i, state.start[i]!, layer));
      }
      if (!isReached) continue;
      reached[known] = position;
      comes[known++] = Math.min(starts.rates[position]!, sum);
    }
    behind[known] = 0;
    for (let k = known - 1; k >= 0; k--) behind[k] = behind[k + 1]! + comes[k]!;
  };

  const chooseStarts = (k: number, into: number, work: number, cover: number): void => {
    taken += 1;
    if (work < least || cover + behind[k]! < wanted) return;
    if (k === known) {
      pairs.push(out, into);
      return;
    }
    const position = reached[k]!;
    chooseStarts(k + 1, into, work, cover);
    const twins = starts.twins[position]!;
    if ((into & twins) !== twins) return;
    const bit = 1 << starts.ids[position]!;
    chooseStarts(k + 1, into | bit, work - starts.costs[position]!, cover + comes[k]!);
  };

  const chooseEnds = (k: number, set: number, work: number, cover: number): void => {
    taken += 1;
    if (work < least || cover + fresh < wanted) return;
    if (k === ends.count) {
      if (set === 0 && layer > 0) return;
      out = set;
      listReached();
      chooseStarts(0, 0, work, cover);
      return;
    }
    if (spares.isLeft(k, false)) chooseEnds(k + 1, set, work, cover);
    const twins = ends.twins[k]!;
    if ((set & twins) !== twins || !spares.isLeft(k, true)) return;
    const bit = 1 << ends.ids[k]!;
    chooseEnds(k + 1, set | bit, work - ends.costs[k]!, cover - ends.rates[k]!);
  };

  return {
    steps: () => taken,
    list(limits, at) {
      pairs = [];
      layer = at;
      least = (layers - at - 1 - ROUNDING * layers) * limits.flow;
      wanted = limits.flow * (1 - ROUNDING);
      const border = { at, limits };
      const work = listEnds(nodes, state, border, ends) + listStarts(nodes, state, border, starts);
      fresh = sumFirst(starts.rates, starts.count);
      spares.begin();
      chooseEnds(0, 0, work, sumFirst(ends.rates, ends.count));
      return pairs;
    },
  };
}

/** What nodes have to spare by prices of every kind, while those that end are chosen one by one. */
function createSpares(
  prices: readonly SweepPrices[],
  { ids }: SweepCandidates,
): { begin(): void; isLeft(k: number, isEnd: boolean): boolean } {
  const kinds = prices.length;
  /** A row for each node that is chosen to end or not. */
  const spare = new Float64Array((ids.length + 1) * kinds);
  return {
    begin: () => prices.forEach((of, kind) => (spare[kind] = of.spare)),
    /** Whether something is left when the node at a position of those that may end does, or goes on. */
    isLeft(k, isEnd) {
      const i = ids[k]!;
      let isEnough = true;
      for (let kind = 0; kind < kinds; kind++) {
        const { lossIfEnded, lossIfGoingOn } = prices[kind]!;
        const left = spare[k * kinds + kind]! - (isEnd ? lossIfEnded[i]! : lossIfGoingOn[i]!);
        spare[(k + 1) * kinds + kind] = left;
        if (left < 0) isEnough = false;
      }
      return isEnough;
    },
  };
}

function sumFirst(values: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += values[k]!;
  return sum;
}
