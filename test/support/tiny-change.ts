import type { LayerInterval, Placement } from "../../src/core/placement.js";
import { countLoadBytes, type LoadBytes } from "../../src/planner/change/load-bytes.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";
import { choicesOf, listPlacements } from "./brute-force.js";

/** A tiny change: what nodes hold today, and what every placement that carries the floor asks to load. */
export interface TinyChange {
  readonly held: Placement;
  readonly load: LoadBytes;
  /** Tokens/s. */
  readonly floor: number;
  readonly carrying: readonly Placement[];
  /** Bytes to load. */
  readonly fewest: number;
}

/** What each node may hold, drawn at random. */
export function drawHeld(problem: PlanningProblem, draw: (below: number) => number): Placement {
  return problem.cluster.nodes.map((_, node): LayerInterval | null => {
    const choices = choicesOf(problem, node);
    return choices[draw(choices.length)]!;
  });
}

/** Looks at every placement; undefined where none carries anything. @param share of the most flow that must be carried */
export function drawTinyChange(
  problem: PlanningProblem,
  held: Placement,
  share: number,
  flowOf: (placement: Placement) => number,
): TinyChange | undefined {
  const load = countLoadBytes(problem.cluster.model, held);
  const flows = listPlacements(problem).map((placement) => ({
    placement,
    flow: flowOf(placement),
  }));
  const floor = share * Math.max(...flows.map(({ flow }) => flow));
  if (floor === 0) return undefined;
  const carrying = flows.filter(({ flow }) => flow >= floor).map(({ placement }) => placement);
  const fewest = Math.min(...carrying.map((placement) => load.total(placement)));
  return { held, load, floor, carrying, fewest };
}
