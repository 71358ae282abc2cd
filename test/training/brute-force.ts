import { listTypeOrders, givenOrder } from "../../src/training/node-orders.js";
import { pipelineCost } from "../../src/training/pipeline-cost.js";
import { describePlan } from "../../src/training/training-plan.js";
import type { ExactOptions } from "../../src/training/exact-search.js";
import type { Strategy } from "../../src/training/strategies.js";
import type { TrainingJob } from "../../src/training/training-job.js";

/** Every way to cut `layers` layers into `stages` runs. */
function* compositions(layers: number, stages: number): Generator<readonly number[]> {
  if (stages === 1) {
    yield [layers];
    return;
  }
  for (let first = 1; first <= layers - stages + 1; first++) {
    for (const rest of compositions(layers - first, stages - 1)) yield [first, ...rest];
  }
}

/** The least cost over every cut and node order, from the rank map alone; Infinity if none is allowed. */
export function leastCost(job: TrainingJob, strategy: Strategy, options: ExactOptions): number {
  const orders =
    options.nodeOrder === "search" ? listTypeOrders(job.cluster) : [givenOrder(job.cluster)];
  let least = Infinity;
  for (const order of orders) {
    for (const counts of compositions(job.layers.length, strategy.stages)) {
      if (!allowed(job, strategy, counts, order, options)) continue;
      const { seconds } = pipelineCost(job, strategy, counts, order, options.timing);
      least = Math.min(least, seconds);
    }
  }
  return least;
}

/** Whether a plan keeps the rules: memory, a block in the first stage, parameters in every stage. */
export function allowed(
  job: TrainingJob,
  strategy: Strategy,
  counts: readonly number[],
  order: readonly number[],
  options: ExactOptions,
): boolean {
  if (options.respectMemory) {
    if (!describePlan(job, strategy, counts, order, options.timing).fitsMemory) return false;
  }
  if (!options.requireWork) return true;
  let from = 0;
  const stages = counts.map((count) => job.layers.slice(from, (from += count)));
  const hasBlocks = job.layers.some((layer) => layer.kind === "block");
  return (
    stages.every((layers) => layers.some((layer) => layer.parameters > 0)) &&
    (!hasBlocks || stages[0]!.some((layer) => layer.kind === "block"))
  );
}
