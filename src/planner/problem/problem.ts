import type { Cluster } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";

/** What losses of machines must leave at once, with new routes and nothing loaded. */
export interface SurvivalRule {
  /** Machines lost together, with all their parts. ≥ 1. */
  readonly losses: number;
  /** Share of the placement's own flow that any such loss leaves. 0 < floor ≤ 1. */
  readonly floor: number;
}

/** What a placement must respect beyond memory and layers. Absent = free. */
export interface PlacementConstraints {
  /** Most stages a token may pass through. */
  readonly maxDepth?: number;
  /** Most nodes that may cover one layer. */
  readonly maxNodesPerStage?: number;
  /** Only node-disjoint pipelines that each hold every layer once: what every engine can run. */
  readonly chainsOnly?: boolean;
  readonly survive?: SurvivalRule;
  /** Node → the interval it must hold. */
  readonly pins: ReadonlyMap<number, LayerInterval>;
  /** Nodes that must stay empty. */
  readonly drained: ReadonlySet<number>;
}

export interface PlanningProblem {
  readonly cluster: Cluster;
  /** Whether a node may run only the end of its interval for tokens that come in the middle. */
  readonly partialInference: boolean;
  readonly constraints: PlacementConstraints;
}

/** Constraints of a problem that has none. */
export const UNCONSTRAINED: PlacementConstraints = { pins: new Map(), drained: new Set() };

/** Chains run every layer once: a node that starts in the middle of another's interval has no use. */
export function usesPartialLinks(problem: PlanningProblem): boolean {
  return problem.partialInference && problem.constraints.chainsOnly !== true;
}

/** The problem of what runs while a placement is changed or machines are lost: the nodes are as they are, whatever was asked of a plan. */
export function onTheWay(problem: PlanningProblem): PlanningProblem {
  const { survive: _, ...others } = problem.constraints;
  return { ...problem, constraints: { ...others, ...UNCONSTRAINED } };
}
