/** The middle of the values, the upper one of two. O(n log n). */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
