import type { Cluster } from "../core/cluster.js";
import type { PlanOptions } from "../serving/plan/plan.js";
import type { Question } from "./question.js";

/** Seconds after which there is something to see, whatever the question. */
const FIRST_LOOK = 0.8;

/**
 * The searches that answer a question, one after the other, each from what the one before found: the flow
 * after a moment, then what was asked for in the time given. With steps instead of a clock there is one
 * search alone, so that the plan is that of a terminal.
 */
export function listRounds(
  cluster: Cluster,
  { objective, limits, effort }: Question,
): readonly PlanOptions[] {
  const { seconds, steps, seed } = effort;
  const common: PlanOptions = { seed, threads: 0 };
  const { timeToFirstToken, timePerOutputToken } = limits;
  const limited = timeToFirstToken !== undefined || timePerOutputToken !== undefined;
  const wanted = objective ?? (limited && hasCurves(cluster) ? "goodput" : undefined);
  const asked: PlanOptions = {
    ...common,
    ...(wanted === undefined ? {} : { objective: wanted }),
    ...(limited && wanted === "goodput"
      ? {
          limits: {
            statistic: "mean",
            ...(timeToFirstToken === undefined ? {} : { maxTimeToFirstToken: timeToFirstToken }),
            ...(timePerOutputToken === undefined
              ? {}
              : { maxTimePerOutputToken: timePerOutputToken }),
          },
        }
      : {}),
  };
  if (steps !== undefined) return [{ ...asked, iterationLimit: steps }];
  const look = Math.min(FIRST_LOOK, seconds);
  const first: PlanOptions = { ...common, objective: "flow", timeLimitSeconds: look };
  return seconds <= look ? [first] : [first, { ...asked, timeLimitSeconds: seconds - look }];
}

/** Whether latencies can be told: every machine in use has timing curves. */
function hasCurves(cluster: Cluster): boolean {
  return cluster.nodes.every(
    ({ machine }) => cluster.machines[machine]!.capacity.curves !== undefined,
  );
}
