import type { Curve } from "../core/capacity.js";
import { curveAt } from "../hardware/curve.js";

/** Seconds on one layer by whole tokens (or sequences), read from a table. */
export type LayerTime = (amount: number) => number;

/** Beyond this many tokens the time is interpolated anew at every call. */
const TABLE_SIZE = 8192;
/** Times are never negative. */
const NOT_YET = -1;

/**
 * A measured curve as a function: linear between samples and from (0, 0) to the first one, the last
 * slope continued beyond the end. O(1) for the amounts that batches have.
 */
export function createLayerTime(curve: Curve): LayerTime {
  const last = curve.at(-1)?.[0] ?? 0;
  const table = new Float64Array(Math.min(TABLE_SIZE, Math.ceil(last) + 2)).fill(NOT_YET);
  return (amount) => {
    const known = table[amount];
    if (known !== undefined && known !== NOT_YET) return known;
    const seconds = secondsAt(curve, amount);
    if (known !== undefined) table[amount] = seconds;
    return seconds;
  };
}

/**
 * Decode time: as above, but a batch with exactly one decode takes twice the interpolated time
 * (Helix artifact: no batch is faster than the first sample, which stands for two).
 */
export function createDecodeTime(curve: Curve): LayerTime {
  const time = createLayerTime(curve);
  const firstSample = curve.find(([sequences]) => sequences > 0)?.[0] ?? 1;
  if (firstSample <= 1) return time;
  const single = 2 * time(1);
  return (sequences) => (sequences === 1 ? single : time(sequences));
}

function secondsAt(curve: Curve, amount: number): number {
  return amount === 0 ? 0 : Math.max(0, curveAt(curve, amount, "through-zero"));
}
