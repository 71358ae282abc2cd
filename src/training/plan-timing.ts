import { FORWARD_PASSES, passesOf } from "./layer-seconds.js";
import type { PipelineTiming } from "./simulate-pipeline.js";
import type { TrainingJob } from "./training-job.js";
import type { TrainingPlan } from "./training-plan.js";

/** A plan's stages as durations for the schedule simulator. */
export function timingOfPlan(job: TrainingJob, plan: TrainingPlan): PipelineTiming {
  const share = FORWARD_PASSES / passesOf(job);
  return {
    forward: plan.stages.map((stage) => share * stage.seconds),
    backward: plan.stages.map((stage) => (1 - share) * stage.seconds),
    border: plan.stages.slice(0, -1).map((stage) => stage.borderSeconds),
    microBatches: plan.strategy.microBatches,
  };
}
