import type { Problem } from "../core/errors.js";
import type { MeasuredSeconds } from "../training/layer-times.js";
import type { TrainingLayer } from "../training/training-job.js";
import { formatPath } from "./describe-issues.js";
import type { ForwardSecondsFile, MicroBatchSecondsFile } from "./training-job-schema.js";

/**
 * Given forward seconds, one figure per layer, by tensor degree and micro-batch. Notes lists of the
 * wrong length and degrees without figures for a single sample.
 */
export function readMeasuredSeconds(
  given: ForwardSecondsFile,
  layers: readonly TrainingLayer[],
  path: readonly PropertyKey[],
  problems: Problem[],
): MeasuredSeconds {
  return new Map(
    Object.entries(given).map(([degree, figures]) => {
      const single = isMicroBatch(figures);
      const byBatch: Readonly<Record<string, MicroBatchSecondsFile>> = single
        ? { "1": figures }
        : figures;
      if (byBatch["1"] === undefined) {
        problems.push({
          path: formatPath([...path, degree, "1"]),
          found: "nothing",
          expected: "seconds for a micro-batch of one sample",
          remedy: "Add them: other micro-batches are scaled from these.",
        });
      }
      const entries = Object.entries(byBatch).map(([batch, seconds]) => {
        const perLayer = Array.isArray(seconds) ? seconds : spreadOver(layers, seconds);
        if (perLayer.length !== layers.length) {
          problems.push({
            path: formatPath([...path, degree, ...(single ? [] : [batch])]),
            found: `${perLayer.length} figures`,
            expected: `${layers.length}, one per layer`,
            remedy: "Give one figure per layer, in order, or one per kind of layer.",
          });
        }
        return [Number(batch), perLayer] as const;
      });
      return [Number(degree), new Map(entries)] as const;
    }),
  );
}

function isMicroBatch(figures: ForwardSecondsFile[string]): figures is MicroBatchSecondsFile {
  return Array.isArray(figures) || "block" in figures;
}

function spreadOver(
  layers: readonly TrainingLayer[],
  byKind: Exclude<MicroBatchSecondsFile, readonly number[]>,
): readonly number[] {
  return layers.map((layer) => byKind[layer.kind] ?? 0);
}
