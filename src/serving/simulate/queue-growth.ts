import { varianceInside } from "./arrivals.js";
import type { SimulationResult } from "./result.js";

/** Share of the window at either end that is compared. */
const END_SHARE = 0.2;
/** Growth below this share of what arrives is noise. */
const NOISE = 0.02;
/** So is less than so many standard deviations of a difference of two numbers of requests that come and go by chance. */
const DEVIATIONS = 3;

/**
 * Requests/s by which requests inside and waiting grow over the window: 0 where load is kept up with, as
 * far as the noise lets one tell. From means over the first and the last fifth of the samples. In a short window chance tells
 * more than growth: requests come in bursts, so that of 340 inside there may be 80 more or less at any moment ({@link varianceInside}).
 */
export function queueGrowth({ samples, requests, window }: SimulationResult): number {
  const size = Math.floor(samples.length * END_SHARE);
  if (size === 0) return 0;
  const mean = (part: readonly (typeof samples)[number][]): number =>
    part.reduce((sum, { inFlight, waitingOutside }) => sum + inFlight + waitingOutside, 0) / size;
  const seconds = samples.at(-size)!.atSeconds - samples[0]!.atSeconds;
  const first = mean(samples.slice(0, size));
  const growth = (mean(samples.slice(-size)) - first) / seconds;
  const arrivalRate = requests.arrived / window.endSeconds;
  const chance = (DEVIATIONS * Math.sqrt(2 * varianceInside(first, arrivalRate))) / seconds;
  return growth > Math.max(NOISE * arrivalRate, chance) ? growth : 0;
}
