import type { Curve } from "../core/capacity.js";
import { curveAt } from "./curve.js";
import { throughputOf } from "./typical-throughput.js";
import type { TypicalMachine, TypicalThroughputRequest } from "./typical-throughput.js";

/** Seconds of every layer on one machine type: [prompt, decode]. Curves share their sample points. */
export type LayerCurves = readonly Pick<TypicalMachine, "promptSeconds" | "decodeSeconds">[];

/**
 * T of the layers [s, s + k) of one machine type in the mix, by s and then k − 1: as T(k), with the cache
 * and the times of just these layers. More layers never do better than fewer of them.
 * O(rows · machines).
 * @param kvTokens what fits beside the layers; its rows give the shape of the result.
 */
export function throughputByInterval(
  request: TypicalThroughputRequest,
  index: number,
  layers: LayerCurves,
  kvTokens: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const machine = request.machines[index]!;
  const rateOf = throughputOf(request);
  const known = new Map<string, number>();
  // Of layers that are alike only their number counts, and what fits beside them.
  const ratesOfEqual = (row: readonly number[]): number[] =>
    row.map((tokens, at) => {
      const key = `${at} ${tokens}`;
      const rate =
        known.get(key) ?? rateOf({ ...machine, kvTokens: row, ...layers[0]! }, index, at + 1);
      known.set(key, rate);
      return rate;
    });
  const alike = layers.every((layer) => layer === layers[0]);
  const rows = kvTokens.map((row, start) => {
    if (alike) return ratesOfEqual(row);
    const prompt = createMean();
    const decode = createMean();
    return row.map((_, at) => {
      const layer = layers[start + at]!;
      const promptSeconds = prompt.add(layer.promptSeconds);
      const decodeSeconds = decode.add(layer.decodeSeconds);
      return rateOf({ ...machine, kvTokens: row, promptSeconds, decodeSeconds }, index, at + 1);
    });
  });
  // From the last start on: a part of these layers is their tail, or they without their end.
  for (let start = rows.length - 1; start >= 0; start--) {
    const row = rows[start]!;
    for (let at = 1; at < row.length; at++)
      row[at] = Math.min(row[at]!, row[at - 1]!, rows[start + 1]![at - 1]!);
  }
  return rows;
}

/** Seconds of each layer over those of the mean one, in decode batches of middling size. */
export function relativeSeconds(layers: LayerCurves): readonly number[] {
  const seconds = layers.map(({ decodeSeconds }) => curveAt(decodeSeconds, TYPICAL_BATCH, "flat"));
  const mean = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  return seconds.map((each) => each / mean);
}

const TYPICAL_BATCH = 64;

/** The mean of curves that come one after another. */
function createMean(): { add(curve: Curve): Curve } {
  let sums: number[] = [];
  let count = 0;
  return {
    add(curve) {
      sums = curve.map(([, y], point) => (sums[point] ?? 0) + y);
      count += 1;
      return curve.map(([x], point) => [x, sums[point]! / count] as const);
    },
  };
}
