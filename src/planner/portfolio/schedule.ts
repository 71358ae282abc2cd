import type { StrategyName } from "./strategies.js";

/** One run of a strategy. */
export interface SearchTask {
  readonly strategy: StrategyName;
  readonly seed: number;
  /** Work budget in the strategy's own steps. */
  readonly iterations: number;
  /** Seconds after which it must make room for others; absent = none. */
  readonly seconds?: number;
  /** The second run of a strategy, beside one that has a thread of its own. */
  readonly isSecond?: boolean;
}

/**
 * In which order strategies run: starts, then constructive models and bounds, then rounds of
 * improvement. A search ends by its gap only when all starts are done, so it is never worse than they are.
 */
export interface Schedule {
  readonly starts: readonly StrategyName[];
  readonly models: readonly StrategyName[];
  /** So many of the models get a turn before improvements get theirs; then the two alternate. */
  readonly firstModels: number;
  readonly improvements: readonly StrategyName[];
  /**
   * Models that are worth a thread: once all models had a turn, three of four turns are theirs while they have more to do. Where there
   * is a lead and tasks run side by side, one has a thread of its own from the end of the first start on.
   */
  readonly steady?: readonly StrategyName[];
  /** The improvement that always has a turn once the first models had theirs: beside others that take turns, or every second one. */
  readonly lead?: StrategyName;
  /** One strategy asked for by name: nothing else waits for the end of a turn. */
  readonly alone?: boolean;
}

/** Starts and models. */
function modelTasks(schedule: Schedule, seed: number, iterations: number): SearchTask[] {
  const strategies = [...schedule.starts, ...schedule.models];
  return strategies.map((strategy) => ({ strategy, seed, iterations }));
}

/** Tasks of an improvement round; every round and strategy has a seed of its own. */
function improvementTasks(
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

/** Improving what models with twice the steps soon better is mostly waste: every second round does. */
const IMPROVED_ROUNDS = 2;

/**
 * The phases of a search that an iteration limit ends: rounds of 1, 2, 4, … steps per strategy up to the
 * limit, each models first, then, at 1, 4, 16, … steps, improvements. No round knows of the limit, so a
 * search with a larger one does all that a search with a smaller one does, and then more. A strategy that
 * does nothing more with more steps than `mostOf` is left out once it has had them.
 */
export function listPhases(
  schedule: Schedule,
  seed: number,
  limit: number,
  mostOf: (strategy: StrategyName) => number,
): readonly (readonly SearchTask[])[] {
  const phases: SearchTask[][] = [];
  for (let round = 0, steps = 1; steps <= limit; round++, steps *= 2) {
    const useful = ({ strategy }: SearchTask): boolean =>
      round === 0 || steps / 2 < mostOf(strategy);
    phases.push(modelTasks(schedule, seed, steps).filter(useful));
    if (round % IMPROVED_ROUNDS === 0)
      phases.push(improvementTasks(schedule, seed, round, () => steps));
  }
  return phases.filter((tasks) => tasks.length > 0);
}

/** Seconds that a model gets at its first, second, … turn; after the last it runs to its end. */
const TURNS: readonly number[] = [1, 3, 9];
/** Seconds of one turn of an improvement strategy in the first round and, doubling, in the later ones. */
const FIRST_IMPROVEMENT_TURN = 1;
const LONGEST_IMPROVEMENT_TURN = 8;
/** Seconds of a later turn of a steady model, which goes on where it was: beside other tasks, and where tasks run one by one. */
const STEADY_TURN = 4;
const STEADY_TURN_ALONE = 2;
/** Turns of steady models between two of others. */
const STEADY_TURNS = 3;
/** Seconds of a turn of the lead. It goes on where it was, so short ones cost it nothing. */
const LEAD_TURN = 2;
/** The same where a thread sweeps: then it takes turns with first models, too, and the nodes are few. */
const SHORT_LEAD_TURN = 1;

/**
 * The tasks of a search that only the clock limits, in turns: starts run to their end, the first models
 * get a second each, then improvements and models alternate, and models that were cut off get longer
 * turns. So no strategy waits for another one's end. Models start anew, from all that is known by then.
 * Nothing here knows of the time limit: it cuts the search short and changes nothing before.
 */
export interface Turns {
  /** The next task; undefined when nothing is left to do. */
  next(): SearchTask | undefined;
  /** To be told when a strategy failed: a model is not run again anyway, an improvement no more. */
  giveUp(strategy: StrategyName): void;
  /** To be told when a task has ended, and whether its turn's end cut it off. */
  end(task: SearchTask, cut: boolean): void;
}

export function takeTurns(
  schedule: Schedule,
  seed: number,
  sliceOf: (strategy: StrategyName) => number,
): Turns {
  const turnOf = new Map<StrategyName, number>(schedule.models.map((name) => [name, 0]));
  const starts = new Set(schedule.starts);
  const models = modelTasks(schedule, seed, Infinity);
  const improvements = takeRounds(schedule, seed, sliceOf);
  let turn = 0;
  const { alone = false, steady = [] } = schedule;
  let lead = schedule.lead;
  /** The lead's task while it runs, how many tasks run, and whether the last one given out was the lead's. */
  let leading: SearchTask | undefined;
  let running = 0;
  let led = false;
  /** Steady models that wait for their next turn, and how many turns they had since the last one of others. */
  const steadied: SearchTask[] = [];
  /** The task of the steady model that has a thread of its own. */
  let staying: SearchTask | undefined;
  let steadyTurns = 0;
  const unimproved = schedule.improvements.length === 0;
  /** The lead's turn, unless it has one or, where tasks run one by one, had the last one. */
  const takeLead = (): SearchTask | undefined => {
    const isEarly = turn < schedule.firstModels && staying === undefined;
    if (lead === undefined || leading !== undefined || isEarly) return undefined;
    led = !led || running > (staying === undefined ? 0 : 1);
    if (!led) return undefined;
    const seconds = staying === undefined ? LEAD_TURN : SHORT_LEAD_TURN;
    leading = { strategy: lead, seed, iterations: Infinity, seconds };
    return leading;
  };
  const takeSteady = (): SearchTask | undefined => {
    const task = steadied.shift();
    return task && { ...task, seconds: running > 0 ? STEADY_TURN : STEADY_TURN_ALONE };
  };
  /** A thread of its own for a steady model, once one of two is free: from the end of the first start on. */
  const takeThread = (): SearchTask | undefined => {
    if (schedule.lead === undefined || running === 0 || staying !== undefined) return undefined;
    const position = models.findIndex(({ strategy }) => steady.includes(strategy));
    if (position < 0) return undefined;
    turn++;
    staying = models.splice(position, 1)[0];
    // From the other end it helps where it can, in turns.
    steadied.push({ ...staying!, isSecond: true });
    return staying;
  };
  const choose = (): SearchTask | undefined => {
    const thread = takeThread();
    if (thread !== undefined) return thread;
    const waiting = models[0];
    if (waiting !== undefined && starts.has(waiting.strategy)) return models.shift();
    const leading = takeLead();
    if (leading !== undefined) return leading;
    // Steady turns come after a look at every model: what ends in a moment may prove most.
    const unseen = waiting !== undefined && turnOf.get(waiting.strategy) === 0;
    const first = turn < schedule.firstModels || (steady.length > 0 && unseen);
    if (!first && steadyTurns < STEADY_TURNS && steadied.length > 0) {
      steadyTurns += 1;
      return takeSteady();
    }
    steadyTurns = 0;
    if (waiting !== undefined && (first || turn % 2 === 0 || unimproved)) {
      turn++;
      models.shift();
      const before = turnOf.get(waiting.strategy)!;
      const seconds = alone ? undefined : TURNS[before];
      return seconds === undefined ? waiting : { ...waiting, seconds };
    }
    turn++;
    return improvements.next() ?? takeSteady();
  };
  return {
    next() {
      const task = choose();
      if (task !== undefined) running++;
      return task;
    },
    giveUp(strategy) {
      if (strategy === lead) lead = undefined;
      improvements.giveUp(strategy);
    },
    end(task, cut) {
      running--;
      // Whoever returns before its turn is over has nothing left to do.
      if (task === leading && !cut) lead = undefined;
      if (task === leading) leading = undefined;
      if (task === staying) staying = undefined;
      const before = turnOf.get(task.strategy);
      if (!cut || before === undefined) return;
      turnOf.set(task.strategy, before + 1);
      const waiting = steady.includes(task.strategy) ? steadied : models;
      const { seconds: _, ...again } = task;
      waiting.push(again);
    },
  };
}

/** Improvements, one round after the other, each with longer turns than the one before. */
function takeRounds(
  schedule: Schedule,
  seed: number,
  sliceOf: (strategy: StrategyName) => number,
): Pick<Turns, "next" | "giveUp"> {
  const givenUp = new Set<StrategyName>();
  let tasks: SearchTask[] = [];
  let round = 0;
  const suits = ({ strategy }: SearchTask): boolean => !givenUp.has(strategy);
  return {
    next() {
      if (tasks.length === 0) {
        const seconds = Math.min(LONGEST_IMPROVEMENT_TURN, FIRST_IMPROVEMENT_TURN * 2 ** round);
        tasks = improvementTasks(schedule, seed, round++, sliceOf)
          .filter(suits)
          .map((task) => ({ ...task, seconds }));
      }
      return tasks.shift();
    },
    giveUp(strategy) {
      givenUp.add(strategy);
      tasks = tasks.filter(suits);
    },
  };
}
