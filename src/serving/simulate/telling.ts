import type { SimulationObserver } from "./simulation-input.js";

/** Progress is told in at least so many parts, */
const TOLD_PARTS = 100;
/** and at least every so many seconds simulated. */
const TOLD_SECONDS = 600;

/** Tells an observer of the time simulated, now and then; to be called as it goes on. */
export function createTelling(
  tell: SimulationObserver["progress"],
  endSeconds: number,
): (now: number) => void {
  if (tell === undefined) return () => undefined;
  const every = Math.min(endSeconds / TOLD_PARTS, TOLD_SECONDS);
  let at = every;
  return (now) => {
    if (now < at) return;
    tell(now);
    at = now + every;
  };
}
