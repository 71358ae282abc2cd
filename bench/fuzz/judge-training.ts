import { readTrainingJob } from "../../src/formats/read-training-job.js";
import { DEFAULT_TRAIN_OPTIONS, train } from "../../src/training/train.js";
import type { TrainResult } from "../../src/training/train-result.js";
import type { Verdict } from "./judge-plan.js";
import { costOf, leastSeconds, listDegrees, type Degrees } from "./training-oracle.js";
import type { TrainingQuestion } from "./training-question.js";

const TOLERANCE = 1e-9;

/** Asks how to train and holds the ranking against every cut under every order of nodes. */
export function judgeTraining(question: TrainingQuestion): Verdict {
  const least = listDegrees(question.job)
    .map((degrees) => leastSeconds(question, degrees))
    .sort((a, b) => a - b);
  const optimum = least[0] ?? Infinity;
  try {
    const faults = [...faultsOf(question, ask(question), least)];
    return { faults, optimum, missed: false };
  } catch (error) {
    return { faults: [`throws ${String(error)}`], optimum, missed: false };
  }
}

function ask({ job, top, timing, nodeOrder, respectMemory }: TrainingQuestion): TrainResult {
  const exact = { ...DEFAULT_TRAIN_OPTIONS.exact, timing, nodeOrder, respectMemory };
  return train(readTrainingJob("fuzz", job), { mode: "exact", top, exact });
}

function* faultsOf(
  question: TrainingQuestion,
  { plans, counts, bound, allOrders }: TrainResult,
  least: readonly number[],
): Iterable<string> {
  const { job, top, nodeOrder } = question;
  const same = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * Math.max(a, b);
  if (counts.strategies !== least.length)
    yield `${counts.strategies} strategies, there are ${least.length}`;
  if (counts.unfinished > 0) yield `${counts.unfinished} strategies not finished`;
  if (nodeOrder === "search" && !allOrders) yield "not every order of so few nodes";
  const wanted = least.filter((seconds) => seconds < Infinity).slice(0, top);
  if (plans.length !== wanted.length) yield `${plans.length} plans, there are ${wanted.length}`;
  const optimum = wanted[0] ?? Infinity;
  if (bound !== undefined && bound > optimum * (1 + TOLERANCE))
    yield `bound ${bound} above ${optimum}`;
  const ids = job.cluster.nodes.map(({ id }) => id);
  for (const [at, { strategy, seconds, stages, nodeOrder: order }] of plans.entries()) {
    const degrees: Degrees = {
      micro: strategy.microBatch,
      tensor: strategy.tensorParallel,
      data: strategy.dataParallel,
      pipeline: strategy.stages,
    };
    const cut = stages.map(({ layers: [from, to] }) => to - from);
    const cost = costOf(
      question,
      degrees,
      cut,
      order.map((id) => ids.indexOf(id)),
    );
    if (!same(cost, seconds)) yield `plan ${at + 1} says ${seconds} s, it takes ${cost}`;
    if (wanted[at] !== undefined && !same(seconds, wanted[at]))
      yield `plan ${at + 1} takes ${seconds} s, the best is ${wanted[at]}`;
  }
}
