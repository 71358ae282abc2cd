import { averageLayerSeconds, layerSeconds } from "./layer-seconds.js";
import { borderElements, intervalParameters } from "./layer-volumes.js";
import { borderSecondsPerByte, ringBytesPerSecond, ringFactor } from "./links.js";
import { nodesOfRanks, nodesOfStage } from "./rank-map.js";
import type { Strategy } from "./strategies.js";
import type { TrainingJob } from "./training-job.js";

/** How a stage's time is charged: its own slowest GPU, or AMP's average over the cluster. */
export type StageTiming = "slowest" | "average";

/** The four terms of an iteration's cost, apart. */
export interface CostTerms {
  /** (B − 1) · the slowest stage. */
  readonly straggler: number;
  /** One pass through all stages, Σ t_s. */
  readonly fill: number;
  /** Every border once. */
  readonly borders: number;
  /** The slowest stage's gradient all-reduce, D. */
  readonly gradientSync: number;
}

export interface PipelineCost {
  readonly terms: CostTerms;
  /** Sum of the four terms. */
  readonly seconds: number;
  /** Forward + backward of one micro-batch per stage. */
  readonly stageSeconds: readonly number[];
  /** Per border, length stages − 1. */
  readonly borderSeconds: readonly number[];
}

/**
 * Cost of a complete plan from its rank map, written without the search so that it can check it.
 * Design note section 2; AMP equation 1.
 * @param counts layers per stage, length k, summing to L.
 * @param order node indices in the order in which they take ranks.
 */
export function pipelineCost(
  job: TrainingJob,
  strategy: Strategy,
  counts: readonly number[],
  order: readonly number[],
  timing: StageTiming,
): PipelineCost {
  const rankNodes = nodesOfRanks(job.cluster, order);
  const volumes = borderElements(job, strategy);
  const average = timing === "average" ? averageLayerSeconds(job, strategy) : undefined;
  const stageSeconds: number[] = [];
  const borderSeconds: number[] = [];
  let gradientSync = 0;
  let from = 0;
  counts.forEach((count, stage) => {
    const to = from + count;
    const machines = nodesOfStage(strategy, rankNodes, stage).map(
      (node) => job.cluster.nodes[node]!.machine,
    );
    const candidates =
      average === undefined
        ? [...new Set(machines)].map((machine) => layerSeconds(job, strategy, machine))
        : [average];
    stageSeconds.push(Math.max(...candidates.map((seconds) => sum(seconds.slice(from, to)))));
    if (stage + 1 < counts.length) {
      const perByte = borderSecondsPerByte(job.cluster, strategy, rankNodes, stage);
      borderSeconds.push(volumes[to - 1]! * job.elementBytes * perByte);
    }
    const bytes =
      intervalParameters(job, strategy.tensorParallel, from, to) *
      job.elementBytes *
      ringFactor(strategy.dataParallel);
    for (let tensor = 0; tensor < strategy.tensorParallel; tensor++) {
      const ring = ringBytesPerSecond(job.cluster, strategy, rankNodes, stage, tensor, false);
      gradientSync = Math.max(gradientSync, bytes / ring);
    }
    from = to;
  });
  const terms = {
    straggler: (strategy.microBatches - 1) * Math.max(...stageSeconds),
    fill: sum(stageSeconds),
    borders: sum(borderSeconds),
    gradientSync,
  };
  const seconds = terms.straggler + terms.fill + terms.borders + terms.gradientSync;
  return { terms, seconds, stageSeconds, borderSeconds };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
