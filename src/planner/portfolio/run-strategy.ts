import type { Solver } from "../../math/lp/solver.js";
import type { Placement } from "../../core/placement.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import type {
  Continuation,
  Incumbent,
  Meeting,
  SearchContext,
  Strategy,
} from "../problem/strategy.js";

/** What a strategy reports while it runs. */
export interface StrategyEvents {
  /** A placement better than this run's own best so far and its start. */
  onPlacement(placement: Placement, throughput: number): void;
  onBound(value: number, name: string): void;
}

/** Where a strategy reads what others know. */
export interface CommonKnowledge {
  stopped(): boolean;
  incumbent(): Incumbent | undefined;
  upperBound(): number;
  readonly meeting?: Meeting | undefined;
}

/**
 * Runs one strategy to its end. Every placement it offers is judged by the real max flow here,
 * whatever the strategy believes of it.
 * @returns how it goes on in another turn, if it can.
 */
export function runStrategy(
  strategy: Strategy,
  problem: PlanningProblem,
  run: {
    readonly solver: Solver;
    readonly seed: number;
    readonly iterations: number;
    /** Whether the run must not look at what others find while it goes on. */
    readonly isolated: boolean;
  },
  common: CommonKnowledge,
  events: StrategyEvents,
): Continuation | undefined {
  let own = common.incumbent();
  let ownBound = common.upperBound();
  const context: SearchContext = {
    solver: run.solver,
    seed: run.seed,
    iterations: run.iterations,
    shouldStop: () => common.stopped(),
    meeting: run.isolated ? undefined : common.meeting,
    incumbent: () => {
      const shared = run.isolated ? undefined : common.incumbent();
      if (shared !== undefined && (own === undefined || shared.throughput > own.throughput)) {
        own = shared;
      }
      return own;
    },
    upperBound: () => {
      if (!run.isolated) ownBound = Math.min(ownBound, common.upperBound());
      return ownBound;
    },
    offer: (placement) => {
      const throughput = measureThroughput(problem, placement);
      if (throughput > (own?.throughput ?? 0)) {
        own = { placement, throughput };
        events.onPlacement(placement, throughput);
      }
      return throughput;
    },
    offerBound: (value, name) => {
      if (!(value < ownBound)) return;
      ownBound = value;
      events.onBound(value, name);
    },
  };
  return strategy(problem, context) ?? undefined;
}
