import type { Cluster } from "../../core/cluster.js";
import { chooseEngine, type EngineAsked } from "../../engines/choose-engine.js";
import {
  UNCONSTRAINED,
  type PlacementConstraints,
  type PlanningProblem,
} from "../../planner/problem/problem.js";

/** What a placement is asked to be. */
interface Wishes extends EngineAsked {
  readonly partialInference?: boolean;
  readonly constraints?: PlacementConstraints;
}

/**
 * The problem with what the engine cannot run ruled out, beside what was asked for.
 * @throws InputError for settings that the engine does not have.
 */
export function problemFor(cluster: Cluster, wishes: Wishes): PlanningProblem {
  const { partialInference = true, constraints = UNCONSTRAINED } = wishes;
  const { placements } = chooseEngine(cluster, wishes).engine;
  return {
    cluster,
    partialInference: partialInference && placements === "any",
    constraints: placements === "chains" ? { ...constraints, chainsOnly: true } : constraints,
  };
}
