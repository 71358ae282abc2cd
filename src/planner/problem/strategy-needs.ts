import { layersDiffer } from "../../core/even-cluster.js";
import { mostLayers } from "./node-capacity.js";
import type { PlacementConstraints, PlanningProblem } from "./problem.js";

/** What a strategy asks of a problem. Absent = nothing. */
export interface StrategyNeeds {
  /** Nodes that may hold layers: with more it takes too long to be of use. */
  readonly mostNodes?: number;
  /** Possible links of which one end at least is free to be moved: a model of every link grows with them. */
  readonly mostLinks?: number;
  /** Constraints that it cannot honour: whatever it found would be refused. */
  readonly unsupported?: readonly (keyof PlacementConstraints)[];
  /** The constraint that it is for: without it others do the same and more. */
  readonly required?: keyof PlacementConstraints;
  /** Layers that are not alike: where they are, others do the same and more. */
  readonly layersDiffer?: true;
}

/** How a problem is not what a strategy needs. */
export interface Mismatch {
  readonly found: string;
  readonly expected: string;
}

/** Why the strategy has nothing to say of the problem, or undefined. O(nodes). */
export function findMismatch(needs: StrategyNeeds, problem: PlanningProblem): Mismatch | undefined {
  const { mostNodes = Infinity, mostLinks = Infinity, unsupported = [] } = needs;
  const { constraints } = problem;
  const nodes = listUsableNodes(problem).length;
  const links = (nodes - constraints.pins.size) * nodes;
  const refused = unsupported.find((name) => (constraints[name] ?? false) !== false);
  if (nodes > mostNodes)
    return { found: `${nodes} nodes that may hold layers`, expected: `at most ${mostNodes}` };
  if (links > mostLinks)
    return { found: `${links} links that may carry`, expected: `at most ${mostLinks}` };
  if (needs.layersDiffer === true && !layersDiffer(problem.cluster))
    return { found: "layers that are alike", expected: "layers that differ" };
  if (refused !== undefined)
    return { found: `the constraint ${refused}`, expected: "a problem without it" };
  if (needs.required !== undefined && constraints[needs.required] === undefined)
    return {
      found: `no constraint ${needs.required}`,
      expected: `a problem with the constraint ${needs.required}`,
    };
  return undefined;
}

/** The nodes that may hold layers. */
export function listUsableNodes({ cluster, constraints }: PlanningProblem): readonly number[] {
  return [...cluster.nodes.keys()].filter(
    (node) => !constraints.drained.has(node) && mostLayers(cluster, node) > 0,
  );
}
