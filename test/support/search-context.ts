import type { Solver } from "../../src/math/lp/solver.js";
import type { Placement } from "../../src/core/placement.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";
import type { Incumbent, SearchContext } from "../../src/planner/problem/strategy.js";
import { maxFlowOf } from "./brute-force.js";

export interface RecordingContext extends SearchContext {
  /** Everything offered, in order, with its max flow. */
  readonly offers: readonly Incumbent[];
  readonly bounds: readonly { readonly value: number; readonly name: string }[];
}

export interface ContextSetup {
  readonly solver: Solver;
  readonly seed?: number;
  readonly iterations?: number;
  readonly start?: Placement;
  readonly upperBound?: number;
  readonly shouldStop?: () => boolean;
  /** Refuses what breaks a constraint; by default nothing does. */
  readonly accepts?: (placement: Placement) => boolean;
}

/** A context that judges by the real max flow and remembers all it was given. */
export function createRecordingContext(
  problem: PlanningProblem,
  setup: ContextSetup,
): RecordingContext {
  const offers: Incumbent[] = [];
  const bounds: { value: number; name: string }[] = [];
  let best: Incumbent | undefined;
  let upper = setup.upperBound ?? Infinity;
  const judge = (placement: Placement): number =>
    setup.accepts?.(placement) === false
      ? 0
      : maxFlowOf(problem.cluster, placement, problem.partialInference);
  if (setup.start !== undefined) {
    best = { placement: setup.start, throughput: judge(setup.start) };
  }
  return {
    offers,
    bounds,
    solver: setup.solver,
    seed: setup.seed ?? 1,
    iterations: setup.iterations ?? Infinity,
    shouldStop: setup.shouldStop ?? (() => false),
    incumbent: () => best,
    upperBound: () => upper,
    offer(placement) {
      const throughput = judge(placement);
      offers.push({ placement, throughput });
      if (throughput > (best?.throughput ?? 0)) best = { placement, throughput };
      return throughput;
    },
    offerBound(value, name) {
      bounds.push({ value, name });
      upper = Math.min(upper, value);
    },
  };
}
