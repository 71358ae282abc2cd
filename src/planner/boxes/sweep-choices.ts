import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { isIn, lowest, type SweepState } from "./sweep-state.js";

/** Covers what rounding does to sums of rates and of work, relative. */
const ROUNDING = 1e-9;

/** Which nodes may end and start at a layer of a sweep. */
export interface SweepChoices {
  /**
   * Sets of nodes that end and that start at a layer, as bits, one pair after the other (ends, starts, ends, …). Left out are
   * pairs that could not cover the next layer, or leave too little work for the layers behind it, by sums over single
   * nodes; what remains is to be looked at as a whole. At layer 0 all that start get their tokens from the coordinator.
   */
  list(limits: SweepLimits, at: number): readonly number[];
  /** Steps that `list` took since it was made. */
  steps(): number;
}

/**
 * Depth first over the nodes, those that end first. Of twins that started together the first ends first, of
 * twins that have not started the first starts first.
 */
export function createSweepChoices(nodes: SweepNodes, state: SweepState): SweepChoices {
  const { count, layers, links, leadsTo, entry } = nodes;
  const { start } = state;
  const ids = new Int32Array(count);
  /** Per position: what it covers of the next layer if it goes on (or starts), and what that costs in work. */
  const covers = new Float64Array(count);
  const costs = new Float64Array(count);
  const twins = new Int32Array(count);
  const ended = new Float64Array(count);
  const free = new Int32Array(count);
  const freeCosts = new Float64Array(count);
  const freeTwins = new Int32Array(count);
  const freeRates = new Float64Array(count);
  /** Of the free nodes that those chosen to end lead to: position, what comes, and what comes to all behind. */
  const reached = new Int32Array(count);
  const comes = new Float64Array(count);
  const behind = new Float64Array(count + 1);
  let taken = 0;

  return {
    steps: () => taken,
    list(limits, at) {
      const pairs: number[] = [];
      const others = state.unused | state.active;
      const least = -ROUNDING * layers * limits.flow;
      const wanted = limits.flow * (1 - ROUNDING);
      let spare = (at + 1 - layers) * limits.flow;
      let cover = 0;
      let fresh = 0;
      let running = 0;
      let waiting = 0;
      for (let set = state.active; set !== 0; set &= set - 1, running++) {
        const i = lowest(set);
        ids[running] = i;
        covers[running] = nodes.rateFrom(i, start[i]!, at + 1);
        costs[running] = limits.rest(i, at + 1 - start[i]!, layers);
        twins[running] = listTwins(nodes, i, state.active, (j) => start[j] === start[i]);
        ended[running] = nodes.rate(i, start[i]!, at);
        spare += costs[running]!;
        cover += covers[running]!;
      }
      for (let set = state.unused; set !== 0; set &= set - 1, waiting++) {
        const i = lowest(set);
        const rest = limits.rest(i, 1, layers);
        const own = Math.max(rest, limits.freshWork(1 << i, others));
        free[waiting] = i;
        freeCosts[waiting] = own - rest;
        freeTwins[waiting] = listTwins(nodes, i, state.unused);
        freeRates[waiting] = nodes.rateFrom(i, at, at + 1);
        spare += own;
        fresh += freeRates[waiting]!;
      }

      let out = 0;
      let known = 0;
      const chooseStarts = (k: number, into: number, left: number, covered: number): void => {
        taken += 1;
        if (left < least || covered + behind[k]! < wanted) return;
        if (k === known) {
          pairs.push(out, into);
          return;
        }
        const position = reached[k]!;
        chooseStarts(k + 1, into, left, covered);
        if ((into & freeTwins[position]!) !== freeTwins[position]) return;
        const bit = 1 << free[position]!;
        chooseStarts(k + 1, into | bit, left - freeCosts[position]!, covered + comes[k]!);
      };
      const listReached = (): void => {
        known = 0;
        for (let position = 0; position < waiting; position++) {
          const j = free[position]!;
          let sum = at === 0 ? entry[j]! : 0;
          let isReached = at === 0;
          for (let k = 0; k < running; k++) {
            const i = ids[k]!;
            if (!isIn(out, i) || !isIn(leadsTo[i]!, j)) continue;
            isReached = true;
            sum += Math.min(links[i * count + j]!, ended[k]!);
          }
          if (!isReached) continue;
          reached[known] = position;
          comes[known++] = Math.min(freeRates[position]!, sum);
        }
        behind[known] = 0;
        for (let k = known - 1; k >= 0; k--) behind[k] = behind[k + 1]! + comes[k]!;
      };
      const chooseEnds = (k: number, set: number, left: number, covered: number): void => {
        taken += 1;
        if (left < least || covered + fresh < wanted) return;
        if (k === running) {
          if (set === 0 && at > 0) return;
          out = set;
          listReached();
          chooseStarts(0, 0, left, covered);
          return;
        }
        chooseEnds(k + 1, set, left, covered);
        if ((set & twins[k]!) !== twins[k]) return;
        chooseEnds(k + 1, set | (1 << ids[k]!), left - costs[k]!, covered - covers[k]!);
      };
      chooseEnds(0, 0, spare, cover);
      return pairs;
    },
  };
}

/** Nodes before one in a set that nothing tells apart from it, as bits. */
function listTwins(
  { twinBefore }: SweepNodes,
  node: number,
  among: number,
  counts: (twin: number) => boolean = () => true,
): number {
  let set = 0;
  for (let j = twinBefore[node]!; j >= 0; j = twinBefore[j]!)
    if (isIn(among, j) && counts(j)) set |= 1 << j;
  return set;
}
