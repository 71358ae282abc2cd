import type { Cluster } from "../core/cluster.js";
import type { Problem } from "../core/errors.js";
import { InputError } from "../core/errors.js";
import type { LayerInterval, Placement } from "../core/placement.js";
import type { PlacementFile } from "./placement-schema.js";

/** A placement that runs, seen from the cluster as it is now. */
export interface RunningPlacement {
  /** What the nodes of the cluster hold now. */
  readonly held: Placement;
  /** Nodes with layers that the cluster has no more, by id. */
  readonly gone: readonly string[];
  /** Nodes of the cluster that the placement does not know, by id. */
  readonly added: readonly string[];
}

/**
 * Matches nodes by their ids.
 * @throws InputError for a placement of another model or cluster, and for intervals that the model does not have.
 */
export function matchRunning(
  source: string,
  cluster: Cluster,
  file: PlacementFile,
): RunningPlacement {
  const problems: Problem[] = [];
  const { name, layers } = cluster.model;
  if (file.model.name !== name || file.model.layers !== layers) {
    problems.push({
      path: "model",
      found: `${file.model.name} with ${file.model.layers} layers`,
      expected: `${name} with ${layers} layers, the model of ${cluster.name}`,
      remedy: "Another model has to be loaded as a whole: plan it with helix-place <cluster>.",
    });
  }
  const byId = new Map<string, LayerInterval | null>();
  file.nodes.forEach(({ id, layers: interval }, at) => {
    if (byId.has(id)) {
      const found = `${id}, a second time`;
      const remedy = "Remove one of the two.";
      problems.push({ path: `nodes[${at}].id`, found, expected: "each node once", remedy });
    }
    byId.set(id, interval);
    if (interval === null || (interval[0] < interval[1] && interval[1] <= file.model.layers))
      return;
    problems.push({
      path: `nodes[${at}].layers`,
      found: `[${interval[0]}, ${interval[1]})`,
      expected: `[start, end) with 0 ≤ start < end ≤ ${file.model.layers}`,
      remedy: "Correct the interval, or import what runs again.",
    });
  });
  const known = new Set(cluster.nodes.map(({ id }) => id));
  if (file.nodes.every(({ id }) => !known.has(id))) {
    problems.push({
      path: "nodes",
      found: `a placement of ${file.cluster.name}, of whose nodes ${cluster.name} has none`,
      expected: "nodes with the ids of the cluster file",
      remedy: "Give the cluster file of these nodes, with the ids that they had.",
    });
  }
  if (problems.length > 0) throw new InputError(source, problems);
  return {
    held: cluster.nodes.map(({ id }) => byId.get(id) ?? null),
    gone: file.nodes.flatMap((node) =>
      node.layers === null || known.has(node.id) ? [] : [node.id],
    ),
    added: cluster.nodes.flatMap(({ id }) => (byId.has(id) ? [] : [id])),
  };
}
