import type { Cluster } from "../../core/cluster.js";
import { chooseEngine, type EngineAsked } from "../../engines/choose-engine.js";
import { idleByDefault } from "../../engines/run-together.js";
import { keepDegrees, requireDegrees } from "../../engines/tensor-degree.js";
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
 * @throws InputError for settings that the engine does not have, and for machines that it cannot run.
 */
export function problemFor(cluster: Cluster, wishes: Wishes): PlanningProblem {
  const { partialInference = true, constraints = UNCONSTRAINED } = wishes;
  const { engine, choice } = chooseEngine(cluster, wishes);
  requireDegrees(cluster, engine);
  const { placements } = engine;
  const idle = idleByDefault(cluster, engine, choice).filter((node) => !constraints.pins.has(node));
  const rules =
    idle.length === 0
      ? constraints
      : { ...constraints, drained: new Set([...constraints.drained, ...idle]) };
  return {
    cluster: keepDegrees(cluster, engine),
    partialInference: partialInference && placements === "any",
    constraints: placements === "chains" ? { ...rules, chainsOnly: true } : rules,
  };
}
