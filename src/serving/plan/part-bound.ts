import type { Partition } from "../../core/parting.js";
import type { Solver } from "../../math/lp/solver.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { Engine } from "../../engines/engine.js";
import { sumOverParts, type FlowBound } from "../../planner/parts/bound-parts.js";
import { listPartClasses } from "../../planner/parts/part-groups.js";
import type { PlanOutcome } from "./plan.js";
import { boundBoth } from "../served/bound-served.js";
import { solveExactParts } from "../../planner/parts/exact-parts.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";

/** Relative distance to the bound at which a search may end, where nobody says it. */
export const DEFAULT_GAP = 0.01;

/** A bound on the flow of all partitions. */
export interface ExactBound extends FlowBound {
  /** The best partition where links count, too; for tiny clusters alone. */
  readonly exact: Partition | undefined;
}

/** The bound, or for tiny clusters that of the exact model where it is lower. */
export function boundExactly(
  problem: PlanningProblem,
  bound: FlowBound,
  solver: Solver,
  shouldStop: () => boolean,
): ExactBound {
  const { pins, drained } = problem.constraints;
  if (pins.size > 0 || drained.size > 0) return { ...bound, exact: undefined };
  const exact = solveExactParts(problem, bound.value, solver, shouldStop);
  const tighter = exact !== undefined && exact.bound < bound.value;
  return {
    ...bound,
    exact: exact?.partition,
    ...(tighter ? { value: exact.bound, name: "exact MILP over partitions" } : {}),
  };
}

/**
 * The file under a bound of all partitions. The rest of it was re-checked when its own was planned. A proof about the flow ends no
 * search for what is served: that this was cut short stays said.
 */
export function underBound(
  file: PlacementFile,
  bound: FlowBound,
  gapAsked: number,
  solve: { readonly seconds: number; readonly log: PlacementFile["solve"]["strategies"] },
): PlacementFile {
  const { throughput, termination, served } = file;
  const upperBound = Math.max(throughput, bound.value);
  const gap = upperBound === 0 ? 0 : (upperBound - throughput) / upperBound;
  const proven = gap <= gapAsked;
  const cut = termination === "time-limit" || termination === "interrupted";
  const ended = termination === "gap" ? "exhausted" : termination;
  return {
    ...file,
    upperBound,
    gap,
    bound: bound.name,
    status: proven ? "optimal" : "feasible",
    termination: proven && !(cut && served !== undefined) ? "gap" : ended,
    solve: { ...file.solve, seconds: solve.seconds, strategies: solve.log },
  };
}

/** A baseline, or a change of what runs, takes parts as they are: what these carry and serve at most is no bound on what others do. */
export function underAnyParts(
  problem: PlanningProblem,
  engine: Engine,
  outcome: PlanOutcome,
  gap = DEFAULT_GAP,
): PlanOutcome {
  if (outcome.kind !== "planned") return outcome;
  const { cluster } = problem;
  const bound = sumOverParts(listPartClasses(cluster, new Set()), cluster.model.layers);
  const { solve, upperBound, served } = outcome.file;
  if (bound.value <= upperBound) return outcome;
  const { seconds, strategies: log } = solve;
  const file = underBound(outcome.file, bound, gap, { seconds, log });
  const most = Math.max(served?.bound ?? 0, boundBoth(problem, engine, bound.value));
  return { ...outcome, file: underServedBound(file, most) };
}

/** What is served under a bound of all partitions, as the plan's own is one of its partition. */
export function underServedBound(file: PlacementFile, most: number): PlacementFile {
  const { served } = file;
  if (served === undefined) return file;
  const bound = Math.max(served.decodeTokensPerSecond, most);
  const gap = bound === 0 ? 0 : (bound - served.decodeTokensPerSecond) / bound;
  return { ...file, served: { ...served, bound, gap } };
}
