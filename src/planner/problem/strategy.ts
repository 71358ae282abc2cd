import type { Solver } from "../../math/lp/solver.js";
import type { Placement } from "../../core/placement.js";
import type { PlanningProblem } from "./problem.js";

/** A placement with the max flow it carries. */
export interface Incumbent {
  readonly placement: Placement;
  /** Tokens/s. */
  readonly throughput: number;
}

/** Two runs of a strategy side by side that tell each other how far they are. */
export interface Meeting {
  readonly isSecond: boolean;
  /** At most {@link MEETING_VALUES} numbers. */
  tell(values: readonly number[]): void;
  /** What the other run told last; empty if nothing so far. */
  heard(): readonly number[];
}

export const MEETING_VALUES = 9;

/** What a strategy gets from whoever runs it, and gives back through. */
export interface SearchContext {
  readonly solver: Solver;
  readonly seed: number;
  /**
   * Work budget in the strategy's own steps (evaluations, nodes, rounds), `Infinity` when only the
   * clock limits. With a finite budget a strategy is a function of problem, seed, budget and the
   * incumbent at its start: same bytes every time.
   */
  readonly iterations: number;
  /** True when the strategy must return: time, interrupt, or the gap asked for is reached. Cheap. */
  shouldStop(): boolean;
  /** The best placement known. With a finite budget: the one at the start or this strategy's own. */
  incumbent(): Incumbent | undefined;
  /** The least upper bound proven so far (with a finite budget: at the start or this strategy's own). */
  upperBound(): number;
  /**
   * Judges a placement with the real max flow and keeps it if it is the best one so far.
   * Placements that break the problem's constraints are refused.
   * @returns its throughput (0 if refused).
   */
  offer(placement: Placement): number;
  /** The other run of the same strategy on the same problem, where two go through the same things from both ends. */
  readonly meeting?: Meeting | undefined;
  /** A proven upper bound on the throughput of every legal placement of the problem. */
  offerBound(value: number, name: string): void;
}

/**
 * One way to look for placements or bounds. Synchronous: it runs in a worker thread and polls
 * `shouldStop` at least every few milliseconds (or hands it to the solver).
 */
export type Strategy = (problem: PlanningProblem, context: SearchContext) => Continuation | void;

/** How a strategy goes on from where its turn ended, with all it had learnt, when it gets another one in the same thread. */
export type Continuation = (context: SearchContext) => void;
