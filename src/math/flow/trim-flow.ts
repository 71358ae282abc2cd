import type { ResidualGraph } from "./residual-graph.js";

/** Amounts that differ by less than this share are the same but for rounding. */
const ROUNDING_SHARE = 1e-11;

/**
 * Cuts the flow in the graph down to what every vertex of `order` both receives and passes on. The arcs
 * that carry something must lead forwards in `order` (its first `length` entries), but for those that
 * come from or end at other vertices, which are taken to have or to swallow whatever is left.
 * Amounts on arcs only fall, and stay where only rounding is too much: crumbs would each cost a path.
 * O(slots of those vertices).
 */
export function trimFlow(graph: ResidualGraph, order: Int32Array, length: number): void {
  const { first, middle, partner, residual } = graph;
  // Forwards: no vertex sends more than it gets.
  for (let k = 0; k < length; k++) {
    const v = order[k]!;
    const [begin, between, end] = [first[v]!, middle[v]!, first[v + 1]!];
    let received = 0;
    for (let slot = between; slot < end; slot++) received += residual[slot]!;
    for (let slot = begin; slot < between; slot++) {
      const amount = residual[partner[slot]!]!;
      if (amount * (1 - ROUNDING_SHARE) <= received) {
        received -= amount;
        continue;
      }
      if (received < amount * ROUNDING_SHARE) received = 0;
      residual[partner[slot]!] = received;
      residual[slot]! += amount - received;
      received = 0;
    }
  }
  // Backwards: no vertex gets more than it sends.
  for (let k = length - 1; k >= 0; k--) {
    const v = order[k]!;
    const [begin, between, end] = [first[v]!, middle[v]!, first[v + 1]!];
    let sent = 0;
    for (let slot = begin; slot < between; slot++) sent += residual[partner[slot]!]!;
    for (let slot = between; slot < end; slot++) {
      const amount = residual[slot]!;
      if (amount * (1 - ROUNDING_SHARE) <= sent) {
        sent -= amount;
        continue;
      }
      if (sent < amount * ROUNDING_SHARE) sent = 0;
      residual[slot] = sent;
      residual[partner[slot]!]! += amount - sent;
      sent = 0;
    }
  }
}
