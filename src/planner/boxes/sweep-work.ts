import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { lowest, type SweepState } from "./sweep-state.js";

/** Work that rounding may take away, as a share of all that is to be done. */
const ROUNDING = 1e-9;

/** Σ of what active nodes pass if none of them ends before a layer. */
export function coverOf(nodes: SweepNodes, { active, start }: SweepState, at: number): number {
  let sum = 0;
  for (let set = active; set !== 0; set &= set - 1) {
    const i = lowest(set);
    sum += nodes.rateFrom(i, start[i]!, at);
  }
  return sum;
}

/**
 * Whether the nodes can do what is left to do from a layer on: the one where the sweep is, or any at which one of
 * the active nodes started. What they did since then is counted with what they do later, at the one rate they have.
 */
export function hasEnoughWork(
  nodes: SweepNodes,
  state: SweepState,
  limits: SweepLimits,
  at: number,
): boolean {
  const { layers } = nodes;
  const { flow, largest } = limits;
  const { unused, active, start } = state;
  const least = -ROUNDING * layers * flow;
  let fresh = 0;
  for (let set = unused; set !== 0; set &= set - 1) fresh += limits.unused[lowest(set)]!;
  const spare = coverOf(nodes, state, at) - flow;
  let work = fresh + (at - layers) * flow;
  for (let set = active; set !== 0; set &= set - 1) {
    const i = lowest(set);
    const held = at - start[i]!;
    // What the others leave over it has to pass.
    largest[i] = limits.findLargest(i, held, nodes.rateFrom(i, start[i]!, at) - spare);
    work += limits.rest(i, held, largest[i]!);
  }
  if (work < least) return false;
  for (let firsts = active; firsts !== 0; firsts &= firsts - 1) {
    const from = start[lowest(firsts)]!;
    if (fresh + (from - layers) * flow + workSince(nodes, state, limits, { from, at }) < least)
      return false;
  }
  return true;
}

/** Most work over the layers from one on of those that have started. */
function workSince(
  nodes: SweepNodes,
  { active, ended, start, end }: SweepState,
  limits: SweepLimits,
  { from, at }: { readonly from: number; readonly at: number },
): number {
  let work = 0;
  for (let set = ended; set !== 0; set &= set - 1) {
    const i = lowest(set);
    const done = end[i]! - Math.max(from, start[i]!);
    if (done > 0) work += done * Math.min(limits.flow, nodes.rate(i, start[i]!, end[i]!));
  }
  for (let set = active; set !== 0; set &= set - 1) {
    const i = lowest(set);
    const before = Math.max(0, from - start[i]!);
    work += limits.between(i, before, at - start[i]!, limits.largest[i]!);
  }
  return work;
}
