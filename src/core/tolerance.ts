/** Two capacities or flows closer than this, relative to the larger, count as equal. */
export const RELATIVE_TOLERANCE = 1e-6;

/**
 * The slack within which `a ≤ b` is still accepted for quantities of the size of `a` and `b`.
 * Quantities below 1 are compared absolutely.
 */
function slack(a: number, b: number, tolerance: number = RELATIVE_TOLERANCE): number {
  const scale = Math.max(1, Math.min(Math.abs(a), Math.abs(b)));
  return tolerance * scale;
}

/** `a ≤ b` up to tolerance. Infinite operands compare exactly. */
export function atMost(a: number, b: number, tolerance?: number): boolean {
  return a <= b || a - b <= slack(a, b, tolerance);
}

/** `a = b` up to tolerance. */
export function nearlyEqual(a: number, b: number, tolerance?: number): boolean {
  return a === b || Math.abs(a - b) <= slack(a, b, tolerance);
}
