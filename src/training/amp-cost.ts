import { intervalParameters } from "./layer-volumes.js";
import { borderElements } from "./layer-volumes.js";
import { averageLayerSeconds } from "./layer-seconds.js";
import { ringBytesPerSecond, ringFactor } from "./links.js";
import { linkBytesPerSecond } from "./training-cluster.js";
import { rankOf } from "./rank-map.js";
import { partitionLikeAmp } from "./amp-partition.js";
import { partitionUniformly } from "./uniform-partition.js";
import type { Strategy } from "./strategies.js";
import type { TrainingJob } from "./training-job.js";

const single = Math.fround;

/** AMP's choice for one strategy: its cut and the cost its code prints, in single precision. */
export interface AmpChoice {
  readonly counts: readonly number[];
  readonly seconds: number;
}

/**
 * AMP's cut and cost of one strategy as the public code computes them: layer times averaged over the
 * cluster, borders and gradients in single precision, the gradient ring represented by the link that
 * closes it. Undefined where its rules give no partition.
 * @param rankNodes node of each rank.
 */
export function chooseLikeAmp(
  job: TrainingJob,
  strategy: Strategy,
  rankNodes: Int32Array,
): AmpChoice | undefined {
  const layers = averageLayerSeconds(job, strategy).map(single);
  const borders = ampBorders(job, strategy, rankNodes);
  const counts =
    strategy.microBatches === 1
      ? partitionUniformly(job.layers, strategy.stages)
      : partitionLikeAmp(layers, borders, strategy.stages, strategy.microBatches);
  if (counts === undefined) return undefined;
  return { counts, seconds: ampSeconds(job, strategy, rankNodes, layers, borders, counts) };
}

/** `[layer][border]` seconds, each the single-precision mean over replicas. */
function ampBorders(
  job: TrainingJob,
  strategy: Strategy,
  rankNodes: Int32Array,
): readonly (readonly number[])[] {
  const slowest = Array.from({ length: strategy.stages - 1 }, (_, stage) =>
    Array.from({ length: strategy.dataParallel }, (__, replica) =>
      Math.min(
        ...Array.from({ length: strategy.tensorParallel }, (___, tensor) =>
          linkBytesPerSecond(
            job.cluster,
            rankNodes[rankOf(strategy, stage, replica, tensor)]!,
            rankNodes[rankOf(strategy, stage + 1, replica, tensor)]!,
          ),
        ),
      ),
    ),
  );
  return borderElements(job, strategy).map((elements) =>
    slowest.map((links) => {
      const each = links.map((link) => single(single(elements) / single(link / job.elementBytes)));
      return single(each.reduce((a, b) => single(a + b), 0) / links.length);
    }),
  );
}

function ampSeconds(
  job: TrainingJob,
  strategy: Strategy,
  rankNodes: Int32Array,
  layers: readonly number[],
  borders: readonly (readonly number[])[],
  counts: readonly number[],
): number {
  let from = 0;
  let slowest = 0;
  let border = 0;
  let sync = 0;
  counts.forEach((count, stage) => {
    const to = from + count;
    slowest = Math.max(
      slowest,
      layers.slice(from, to).reduce((a, b) => a + b, 0),
    );
    if (stage + 1 < counts.length) border = single(border + borders[to - 1]![stage]!);
    sync = Math.max(sync, ampSync(job, strategy, rankNodes, stage, from, to));
    from = to;
  });
  const fill = single(layers.reduce((a, b) => a + b, 0));
  const pipe = single(single((strategy.microBatches - 1) * slowest) + border);
  return single(single(pipe + fill) + sync);
}

function ampSync(
  job: TrainingJob,
  strategy: Strategy,
  rankNodes: Int32Array,
  stage: number,
  from: number,
  to: number,
): number {
  const elements = single(intervalParameters(job, strategy.tensorParallel, from, to));
  let slowest = 0;
  for (let tensor = 0; tensor < strategy.tensorParallel; tensor++) {
    const ring = ringBytesPerSecond(job.cluster, strategy, rankNodes, stage, tensor, true);
    const perElement = single((ringFactor(strategy.dataParallel) * job.elementBytes) / ring);
    slowest = Math.max(slowest, single(perElement * elements));
  }
  return slowest;
}
