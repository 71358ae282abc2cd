import { asFile, stackDrawings } from "./chart/drawing.js";
import { formatSeconds } from "./format-number.js";
import { drawSchedule } from "./training-timeline.js";
import { simulatePipeline } from "../training/simulate-pipeline.js";
import { timingOfPlan } from "../training/plan-timing.js";
import type { TrainingJob } from "../training/training-job.js";
import type { TrainingPlan } from "../training/training-plan.js";

/** Boxes are small: wider than other pictures. */
const WIDTH = 1200;

/** The SVG of a plan's 1F1B schedule. */
export function drawTimeline(job: TrainingJob, plan: TrainingPlan): string {
  const { strategy } = plan;
  const title = `${job.name}: micro-batch ${strategy.microBatch}, tensor ${strategy.tensorParallel}, data ${strategy.dataParallel}, pipeline ${strategy.stages}; gradient sync of ${formatSeconds(plan.terms.gradientSync)} s follows`;
  const labels = plan.stages.map(
    ({ layers: [from, to], nodes }, stage) =>
      `${stage}: [${from}, ${to}) ${nodes.length > 1 ? `${nodes[0]} +${nodes.length - 1}` : nodes[0]}`,
  );
  const schedule = drawSchedule(labels, simulatePipeline(timingOfPlan(job, plan)));
  return asFile(stackDrawings(title, [schedule]), WIDTH);
}
