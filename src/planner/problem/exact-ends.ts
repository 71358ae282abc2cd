import { machineOf } from "../../core/cluster.js";
import { chargeEndsExactly } from "../../core/exact-ends.js";
import { holdsLayers } from "../../core/interval-capacity.js";
import { findObstacle } from "./feasibility.js";
import type { Obstacle } from "./obstacle.js";
import type { PlanningProblem } from "./problem.js";

/** A problem, and why it has no placement where that is proven. */
export interface Settled {
  readonly problem: PlanningProblem;
  readonly obstacle?: Obstacle;
}

/**
 * Looks for a proof that there is no placement. Where embedding and head charged to every machine are what
 * it rests on (or what a pin breaks), the problem becomes the one that charges them exactly.
 * O(nodes²) worst case.
 */
export function settleRoom(problem: PlanningProblem): Settled {
  const obstacle = findObstacle(problem);
  const plain: Settled = obstacle === undefined ? { problem } : { problem, obstacle };
  if (obstacle === undefined && pinsFit(problem)) return plain;
  const cluster = chargeEndsExactly(problem.cluster);
  if (cluster === undefined) return plain;
  const exact = { ...problem, cluster };
  const left = findObstacle(exact);
  return left === undefined ? { problem: exact } : { problem: exact, obstacle: left };
}

function pinsFit({ cluster, constraints }: PlanningProblem): boolean {
  return [...constraints.pins].every(([node, pin]) =>
    holdsLayers(machineOf(cluster, node).capacity, pin),
  );
}
