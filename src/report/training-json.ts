import type { TrainingJob } from "../training/training-job.js";
import type { TrainResult } from "../training/train-result.js";
import type { TrainingPlan } from "../training/training-plan.js";
import { listEstimated } from "./training-table.js";

const TRAINING_FORMAT = "helix-place/training@1";

/** The ranked strategies as JSON text, indented, keys in a fixed order. SI units; layers half-open. */
export function formatTrainingJson(job: TrainingJob, result: TrainResult): string {
  const estimated = listEstimated(job);
  const document = {
    format: TRAINING_FORMAT,
    job: job.name,
    ...(estimated.length === 0 ? {} : { estimated }),
    mode: result.mode,
    ...(result.bound === undefined ? {} : { bound: result.bound, allOrders: result.allOrders }),
    counts: result.counts,
    plans: result.plans.map(describePlan),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function describePlan(plan: TrainingPlan): unknown {
  return {
    seconds: plan.seconds,
    ...(plan.bound === undefined ? {} : { bound: plan.bound }),
    microBatch: plan.strategy.microBatch,
    tensorParallel: plan.strategy.tensorParallel,
    dataParallel: plan.strategy.dataParallel,
    pipelineParallel: plan.strategy.stages,
    microBatches: plan.strategy.microBatches,
    terms: plan.terms,
    fitsMemory: plan.fitsMemory,
    stages: plan.stages,
    nodeOrder: plan.nodeOrder,
    ranks: plan.ranks,
  };
}
