/**
 * A stop sign that also shows after so many looks at it: the way to bound a loop that polls once a
 * round by a budget. Not for solvers, which poll as often as they like.
 */
export function limitPolls(shouldStop: () => boolean, most: number): () => boolean {
  let polls = 0;
  return () => ++polls > most || shouldStop();
}

/** Pricing rounds that go with a budget of steps: `Infinity` when only the clock limits. */
export function roundsFor(iterations: number): number {
  return iterations === Infinity ? Infinity : 60 + 30 * iterations;
}
