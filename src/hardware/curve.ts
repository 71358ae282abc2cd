import type { Curve } from "../core/capacity.js";

/** How a curve is read below its first sample of positive x. */
export type BelowFirst = "flat" | "through-zero";

/**
 * The curve's value at x, linear between samples and along the last segment beyond them,
 * where it never falls.
 * Below the first sample of positive x: that sample's value (`flat`), or the straight line from
 * the origin or from a sample at x = 0 (`through-zero`). O(log samples).
 * @param curve at least one sample of positive x, ascending in x.
 */
export function curveAt(curve: Curve, x: number, below: BelowFirst): number {
  const first = curve.findIndex(([sample]) => sample > 0);
  const [firstX, firstY] = curve[first]!;
  if (x <= firstX) {
    if (below === "flat") return firstY;
    const origin = first > 0 ? curve[first - 1]! : ([0, 0] as const);
    return origin[1] + ((firstY - origin[1]) * (x - origin[0])) / (firstX - origin[0]);
  }
  const right = Math.min(firstAtLeast(curve, x), curve.length - 1);
  const [leftX, leftY] = curve[right - 1] ?? [0, 0];
  const [rightX, rightY] = curve[right]!;
  const value = leftY + ((rightY - leftY) * (x - leftX)) / (rightX - leftX);
  return x > rightX ? Math.max(value, rightY) : value;
}

function firstAtLeast(curve: Curve, x: number): number {
  let low = 0;
  let high = curve.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve[middle]![0] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
