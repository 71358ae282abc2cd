import type { SimulationResult } from "../../simulate/result.js";

/** Of consecutive samples. */
const BATCHES = 10;

/**
 * Two standard errors of what a trial serves, from the means of ten batches: chains whose trials lie within it are tried once more for longer.
 * That is less than the interval that is printed (`halfInterval`), on purpose: a search makes thousands of comparisons, a wrong one costs as
 * little as the chains differ, and every one that is left open costs trials four times as long.
 */
export function trialNoise({
  samples,
  decodeTokensPerSecond: most,
}: Pick<SimulationResult, "samples" | "decodeTokensPerSecond">): number {
  const size = Math.floor(samples.length / BATCHES);
  if (size === 0) return most;
  const means = Array.from({ length: BATCHES }, (_, batch) => {
    const part = samples.slice(batch * size, (batch + 1) * size);
    return part.reduce((sum, { decodeTokensPerSecond }) => sum + decodeTokensPerSecond, 0) / size;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / BATCHES;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (BATCHES - 1);
  return Math.min(most, 2 * Math.sqrt(variance / BATCHES));
}
