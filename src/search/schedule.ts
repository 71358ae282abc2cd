import type { StrategyName } from "./strategies.js";

/** One run of a strategy. */
export interface SearchTask {
  readonly strategy: StrategyName;
  readonly seed: number;
  /** Work budget in the strategy's own steps. */
  readonly iterations: number;
  /** Seconds after which it must make room for others; absent = none. */
  readonly seconds?: number;
}

/** In which order strategies run: constructive models and bounds first, then rounds of improvement. */
export interface Schedule {
  readonly models: readonly StrategyName[];
  readonly improvements: readonly StrategyName[];
}

/** Tasks of the first phase. */
export function modelTasks(schedule: Schedule, seed: number, iterations: number): SearchTask[] {
  return schedule.models.map((strategy) => ({ strategy, seed, iterations }));
}

/** Tasks of an improvement round; every round and strategy has a seed of its own. */
export function improvementTasks(
  schedule: Schedule,
  seed: number,
  round: number,
  iterationsOf: (strategy: StrategyName) => number,
): SearchTask[] {
  return schedule.improvements.map((strategy, index) => ({
    strategy,
    seed: seed + 1 + round * schedule.improvements.length + index,
    iterations: iterationsOf(strategy),
  }));
}

/** Seconds that a model gets at its first, second, … turn; after the last it runs to its end. */
const TURNS: readonly number[] = [1, 3, 9];
/** Seconds of one turn of an improvement strategy between models. */
const IMPROVEMENT_TURN = 2;

/**
 * The tasks of a search that only the clock limits, in turns: every model gets a second, then
 * improvements get theirs, then the models that were cut off get a longer turn, and so on. So no
 * strategy waits for another one's end. Models start anew, from all that is known by then.
 */
export interface Turns {
  /** The next task; undefined when nothing is left to do. */
  next(): SearchTask | undefined;
  /** To be told when a model was cut off by its turn's end. */
  requeue(task: SearchTask): void;
}

export function takeTurns(
  schedule: Schedule,
  seed: number,
  sliceOf: (strategy: StrategyName) => number,
): Turns {
  const turnOf = new Map<StrategyName, number>(schedule.models.map((name) => [name, 0]));
  const models = modelTasks(schedule, seed, Infinity);
  const improvements: SearchTask[] = [];
  let round = 0;
  let turn = 0;
  const alone = schedule.improvements.length === 0;
  const refill = (): void => {
    const tasks = improvementTasks(schedule, seed, round++, sliceOf);
    improvements.push(...tasks.map((task) => ({ ...task, seconds: IMPROVEMENT_TURN })));
  };
  return {
    next() {
      // From the second turns on, improvements and models alternate.
      const waiting = models[0];
      const first = waiting !== undefined && turnOf.get(waiting.strategy) === 0;
      if (waiting !== undefined && (first || turn % 2 === 0 || alone)) {
        turn++;
        models.shift();
        const seconds = alone ? undefined : TURNS[turnOf.get(waiting.strategy)!];
        return seconds === undefined ? waiting : { ...waiting, seconds };
      }
      turn++;
      if (improvements.length === 0) refill();
      return improvements.shift();
    },
    requeue(task) {
      const before = turnOf.get(task.strategy);
      if (before === undefined) return;
      turnOf.set(task.strategy, before + 1);
      models.push({ strategy: task.strategy, seed: task.seed, iterations: task.iterations });
    },
  };
}
