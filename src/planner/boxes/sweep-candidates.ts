import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { isIn, lowest, type SweepState } from "./sweep-state.js";

/** Nodes that may end (or start) at a layer, by position in a list. */
export interface SweepCandidates {
  count: number;
  readonly ids: Int32Array;
  /** Work, layers·tokens/s, that is lost if the node ends (or starts) here instead of going on (or starting later), as far as single nodes tell. */
  readonly costs: Float64Array;
  /** Tokens/s: what a node passes over the next layer. */
  readonly rates: Float64Array;
  /** Nodes that must be chosen before it, as bits: twins, of which the first comes first. */
  readonly twins: Int32Array;
}

/** A layer where nodes may end and start, and what nodes can still do. */
export interface SweepBorder {
  readonly at: number;
  readonly limits: SweepLimits;
}

export function createSweepCandidates(count: number): SweepCandidates {
  return {
    count: 0,
    ids: new Int32Array(count),
    costs: new Float64Array(count),
    rates: new Float64Array(count),
    twins: new Int32Array(count),
  };
}

/** Of active nodes, all those that may end at a layer. @returns the work they can do behind it if none does. */
export function listEnds(
  nodes: SweepNodes,
  { start, active }: SweepState,
  { limits, at }: SweepBorder,
  ends: SweepCandidates,
): number {
  let work = 0;
  ends.count = 0;
  for (let set = active; set !== 0; set &= set - 1) {
    const i = lowest(set);
    const position = ends.count++;
    ends.ids[position] = i;
    ends.rates[position] = nodes.rateFrom(i, start[i]!, at + 1);
    ends.costs[position] = limits.rest(i, at + 1 - start[i]!, nodes.layers);
    ends.twins[position] = listTwins(nodes, i, active, (j) => start[j] === start[i]);
    work += ends.costs[position]!;
  }
  return work;
}

/** Of nodes that hold nothing so far, all those that may start at a layer. @returns the work they can do in all. */
export function listStarts(
  nodes: SweepNodes,
  { unused, active }: SweepState,
  { limits, at }: SweepBorder,
  starts: SweepCandidates,
): number {
  let work = 0;
  starts.count = 0;
  for (let set = unused; set !== 0; set &= set - 1) {
    const i = lowest(set);
    const position = starts.count++;
    const behind = limits.rest(i, 1, nodes.layers);
    const most = Math.max(behind, limits.freshWork(1 << i, unused | active));
    starts.ids[position] = i;
    starts.rates[position] = nodes.rateFrom(i, at, at + 1);
    starts.costs[position] = most - behind;
    starts.twins[position] = listTwins(nodes, i, unused);
    work += most;
  }
  return work;
}

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
