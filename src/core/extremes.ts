/**
 * The largest of the values and `least`. `Math.max(...values)` puts every value on the stack, which a
 * list with an entry per layer of a hostile file overflows.
 */
export function largest(values: Iterable<number>, least = -Infinity): number {
  let most = least;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/** The smallest of the values and `most`, likewise. */
export function smallest(values: Iterable<number>, most = Infinity): number {
  let least = most;
  for (const value of values) least = Math.min(least, value);
  return least;
}
