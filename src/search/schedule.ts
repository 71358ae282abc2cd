import type { StrategyName } from "./strategies.js";

/** One run of a strategy. */
export interface SearchTask {
  readonly strategy: StrategyName;
  readonly seed: number;
  /** Work budget in the strategy's own steps. */
  readonly iterations: number;
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
