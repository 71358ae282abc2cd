import type { SweepNodes } from "./sweep-limits.js";
import { isIn, lowest, type SweepState } from "./sweep-state.js";

/** Which nodes may end and start at a layer, so that no placement is looked at that another one is as good as. */
export interface SweepRules {
  /** Whether tokens may go from a node that has ended to one that has started. */
  isLegal(from: number, to: number): boolean;
  /** Whether a node may end here though none starts to which it could send: a layer before it got tokens. */
  isRelay(node: number, at: number): boolean;
  /** Those of a set that have no link to any node of another. */
  unjoined(out: number, into: number): number;
  /**
   * Whether the nodes that ended here could end a layer later and would still pass all that their links let them pass.
   * @param ceiling tokens/s that no placement exceeds.
   */
  isRaisable(out: number, at: number, ceiling: number): boolean;
}

export function createSweepRules(
  nodes: SweepNodes,
  state: SweepState,
  partial: boolean,
): SweepRules {
  const linkOf = (from: number, to: number): number => nodes.links[from * nodes.count + to]!;
  const isLegal = (from: number, to: number): boolean =>
    partial
      ? state.start[to]! <= state.end[from]! &&
        (isIn(state.active, to) || state.end[from]! < state.end[to]!)
      : state.start[to] === state.end[from];

  const isRelay = (i: number, at: number): boolean => {
    if (!partial) return false;
    if (state.start[i] === 0 && at === 1) return nodes.entry[i]! > 0;
    for (let set = state.ended; set !== 0; set &= set - 1) {
      const j = lowest(set);
      if (state.end[j] === at - 1 && state.start[i]! < at && linkOf(j, i) > 0) return true;
    }
    return false;
  };

  const unjoined = (out: number, into: number): number => {
    let left = 0;
    for (let set = out; set !== 0; set &= set - 1) {
      const i = lowest(set);
      if ((nodes.leadsTo[i]! & into) === 0) left |= 1 << i;
    }
    return left;
  };

  const isRaisable = (out: number, at: number, ceiling: number): boolean => {
    for (let set = out; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const size = at + 1 - state.start[i]!;
      if (nodes.holds(i, size, ceiling)) continue;
      let received = state.start[i] === 0 ? nodes.entry[i]! : 0;
      let sent = 0;
      for (let others = state.ended & ~(1 << i); others !== 0; others &= others - 1) {
        const j = lowest(others);
        if (isLegal(j, i))
          received += Math.min(linkOf(j, i), nodes.rate(j, state.start[j]!, state.end[j]!));
      }
      for (let others = state.active; others !== 0; others &= others - 1) {
        const j = lowest(others);
        if (isLegal(i, j))
          sent += Math.min(linkOf(i, j), nodes.rateFrom(j, state.start[j]!, at + 1));
      }
      if (!nodes.holds(i, size, Math.min(received, sent))) return false;
    }
    return true;
  };

  return { isLegal, isRelay, unjoined, isRaisable };
}
