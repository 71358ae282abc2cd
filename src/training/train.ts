import { chooseLikeAmp } from "./amp-cost.js";
import {
  DEFAULT_EXACT_OPTIONS,
  leastLayerSeconds,
  quickBound,
  searchExactly,
} from "./exact-search.js";
import { proportionalTimes } from "./layer-times.js";
import { givenOrder } from "./node-orders.js";
import { describePlan, type TrainingPlan } from "./training-plan.js";
import type { TrainResult } from "./train-result.js";
import { nodesOfRanks } from "./rank-map.js";
import { runSteps, type Steps } from "./run-steps.js";
import { enumerateStrategies, type Strategy } from "./strategies.js";
import type { ExactOptions } from "./exact-search.js";
import type { TrainingJob } from "./training-job.js";

export interface TrainOptions {
  /** `amp`: as published, for comparison. `exact`: the joint optimum under this project's rules. */
  readonly mode: "amp" | "exact";
  /** Plans wanted; the exact search stops once that many are proven best. */
  readonly top: number;
  readonly exact: ExactOptions;
}

export const DEFAULT_TRAIN_OPTIONS: TrainOptions = {
  mode: "exact",
  top: 10,
  exact: DEFAULT_EXACT_OPTIONS,
};

/** Ranks the training strategies of a job. Pure; time grows with strategies · k·L² (see bench/training). */
export function train(job: TrainingJob, options: TrainOptions): TrainResult {
  return runSteps(trainStepwise(job, options));
}

/** The same with pauses, for strategies and within their searches, so that whoever waits can give it up. */
export function trainStepwise(job: TrainingJob, options: TrainOptions): Steps<TrainResult> {
  return options.mode === "amp" ? trainLikeAmp(job, options) : trainExactly(job, options);
}

function* trainLikeAmp(given: TrainingJob, options: TrainOptions): Steps<TrainResult> {
  const job = { ...given, times: proportionalTimes(given.times) };
  const strategies = enumerateStrategies(job);
  const order = givenOrder(job.cluster);
  const rankNodes = nodesOfRanks(job.cluster, order);
  const choices: { strategy: Strategy; choice: NonNullable<ReturnType<typeof chooseLikeAmp>> }[] =
    [];
  for (const strategy of strategies) {
    yield;
    const choice = chooseLikeAmp(job, strategy, rankNodes);
    if (choice !== undefined) choices.push({ strategy, choice });
  }
  const plans = choices
    .sort((a, b) => a.choice.seconds - b.choice.seconds)
    .slice(0, options.top)
    .map(({ strategy, choice }) => ({
      ...describePlan(job, strategy, choice.counts, order, "average"),
      seconds: choice.seconds,
    }));
  const infeasible = strategies.length - choices.length;
  const counts = { strategies: strategies.length, infeasible, dominated: 0, unfinished: 0 };
  return { mode: "amp", plans, counts, allOrders: false };
}

function* trainExactly(job: TrainingJob, options: TrainOptions): Steps<TrainResult> {
  const strategies = enumerateStrategies(job);
  const queue = strategies
    .map((strategy, place) => ({ strategy, place, bound: strategyBound(job, strategy, options) }))
    .sort((a, b) => a.bound - b.bound || a.place - b.place);
  const plans: { readonly plan: TrainingPlan; readonly place: number }[] = [];
  let [infeasible, dominated, unfinished, allOrders] = [0, 0, 0, true];
  let openBound = Infinity;
  for (const { strategy, place, bound } of queue) {
    const cutoff = plans.length < options.top ? Infinity : plans[options.top - 1]!.plan.seconds;
    if (bound >= cutoff) {
      dominated++;
      continue;
    }
    yield;
    const found = yield* searchExactly(job, strategy, options.exact, cutoff);
    const { search, order } = found;
    allOrders &&= found.allOrders;
    if (search.status === "infeasible") infeasible++;
    else if (search.status === "dominated") dominated++;
    else {
      if (search.status === "limit") unfinished++;
      if (search.cut === undefined || order === undefined) {
        openBound = Math.min(openBound, search.bound);
        continue;
      }
      const plan = describePlan(job, strategy, search.cut.counts, order, options.exact.timing);
      // The search and the plan add the same terms in another order: never claim the rounding.
      const proven = Math.min(search.bound, plan.seconds);
      openBound = Math.min(openBound, proven);
      plans.push({ plan: { ...plan, bound: proven }, place });
      plans.sort((a, b) => a.plan.seconds - b.plan.seconds || a.place - b.place);
    }
  }
  return {
    mode: "exact",
    plans: plans.slice(0, options.top).map(({ plan }) => plan),
    counts: { strategies: strategies.length, infeasible, dominated, unfinished },
    allOrders,
    ...(Number.isFinite(openBound) ? { bound: openBound } : {}),
  };
}

function strategyBound(job: TrainingJob, strategy: Strategy, options: TrainOptions): number {
  const used = job.cluster.nodes.map((node) => node.machine);
  return quickBound(strategy, leastLayerSeconds(job, strategy, options.exact, used));
}
