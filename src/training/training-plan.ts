import { pipelineCost, type CostTerms, type StageTiming } from "./pipeline-cost.js";
import { nodesOfRanks, nodesOfStage } from "./rank-map.js";
import { stageMemoryBytes } from "./stage-memory.js";
import { usableBytes } from "./interval-tables.js";
import type { Strategy } from "./strategies.js";
import type { TrainingJob } from "./training-job.js";

interface PlanStage {
  /** Half-open layer interval. */
  readonly layers: readonly [from: number, to: number];
  /** Ids of the nodes that hold GPUs of the stage. */
  readonly nodes: readonly string[];
  /** Forward + backward of one micro-batch on the stage's slowest GPU (or the average, in amp mode). */
  readonly seconds: number;
  /** To the next stage, per micro-batch; 0 for the last. */
  readonly borderSeconds: number;
  readonly memoryBytesPerGpu: number;
  /** What a plan may use on the smallest GPU of the stage. */
  readonly usableBytesPerGpu: number;
}

/** A strategy with its cut, its place on the cluster and its predicted cost. */
export interface TrainingPlan {
  readonly strategy: Strategy;
  /** Predicted seconds per iteration. */
  readonly seconds: number;
  readonly terms: CostTerms;
  readonly stages: readonly PlanStage[];
  /** Node ids in the order in which they take ranks. */
  readonly nodeOrder: readonly string[];
  /** Node and GPU of every global rank (tensor fastest, then data, then pipeline). */
  readonly ranks: readonly { readonly node: string; readonly gpu: number }[];
  readonly fitsMemory: boolean;
  /** No plan of this strategy costs less; only where a search has shown it. */
  readonly bound?: number;
}

/** Fills in a plan from its cut and node order; the cost is computed afresh from the rank map. */
export function describePlan(
  job: TrainingJob,
  strategy: Strategy,
  counts: readonly number[],
  order: readonly number[],
  timing: StageTiming,
): TrainingPlan {
  const cost = pipelineCost(job, strategy, counts, order, timing);
  const rankNodes = nodesOfRanks(job.cluster, order);
  let from = 0;
  const stages = counts.map((count, stage): PlanStage => {
    const to = from + count;
    const nodes = nodesOfStage(strategy, rankNodes, stage);
    const machines = nodes.map((node) => job.cluster.nodes[node]!.machine);
    const described: PlanStage = {
      layers: [from, to],
      nodes: nodes.map((node) => job.cluster.nodes[node]!.id),
      seconds: cost.stageSeconds[stage]!,
      borderSeconds: cost.borderSeconds[stage] ?? 0,
      memoryBytesPerGpu: stageMemoryBytes(job, strategy, stage, from, to).total,
      usableBytesPerGpu: usableBytes(job, machines),
    };
    from = to;
    return described;
  });
  const next = new Map<number, number>();
  const ranks = Array.from(rankNodes, (node) => {
    const gpu = next.get(node) ?? 0;
    next.set(node, gpu + 1);
    return { node: job.cluster.nodes[node]!.id, gpu };
  });
  return {
    strategy,
    seconds: cost.seconds,
    terms: cost.terms,
    stages,
    nodeOrder: order.map((node) => job.cluster.nodes[node]!.id),
    ranks,
    fitsMemory: stages.every((stage) => stage.memoryBytesPerGpu <= stage.usableBytesPerGpu),
  };
}
