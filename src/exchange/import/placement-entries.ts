import type { Cluster } from "../../core/cluster.js";
import { InputError, type Problem } from "../../core/errors.js";
import { didYouMean } from "../../core/nearest.js";
import type { LayerInterval, Placement } from "../../core/placement.js";

/** A file that was given to an importer. */
export interface ImportFile {
  readonly name: string;
  readonly text: string;
}

/** One statement about a node, with the place where it stands. */
export interface PlacementEntry {
  readonly source: string;
  readonly path: string;
  readonly node: string;
  readonly layers: LayerInterval;
}

/**
 * The placement that entries state, for a cluster.
 * @throws InputError when a node is unknown or named twice with different layers, or when layers
 * lie outside the model or exceed what the machine holds.
 */
export function assemblePlacement(cluster: Cluster, entries: readonly PlacementEntry[]): Placement {
  const ids = cluster.nodes.map(({ id }) => id);
  const indexById = new Map(ids.map((id, index) => [id, index]));
  const placement: (LayerInterval | null)[] = ids.map(() => null);
  const problems: Problem[] = [];
  for (const { source, path, node, layers } of entries) {
    const add = (found: string, expected: string, remedy: string): void => {
      problems.push({ path: path === "" ? source : `${source}, ${path}`, found, expected, remedy });
    };
    const [start, end] = layers;
    const index = indexById.get(node);
    if (index === undefined) {
      const hint = didYouMean(node, ids);
      const remedy = hint === "" ? "Correct the id, or the cluster file." : hint;
      add(`the node ${JSON.stringify(node)}`, "a node of the cluster", remedy);
      continue;
    }
    const { capacity } = cluster.machines[cluster.nodes[index]!.machine]!;
    const most = capacity.byInterval?.mostFrom[start] ?? capacity.maxLayers;
    const wanted = `layers within [0, ${cluster.model.layers}), at least one, at most ${most}`;
    if (!(start >= 0 && start < end && end <= cluster.model.layers && end - start <= most)) {
      add(`[${start}, ${end}) on ${node}`, wanted, "Correct the layers, or the cluster's model.");
      continue;
    }
    const before = placement[index];
    if (before !== null && before !== undefined && (before[0] !== start || before[1] !== end)) {
      const found = `${node} again, with [${start}, ${end}) after [${before[0]}, ${before[1]})`;
      add(found, "each node once", "Remove one of the two.");
      continue;
    }
    placement[index] = [start, end];
  }
  if (entries.length === 0) {
    problems.push({
      path: "",
      found: "no layers of any node",
      expected: "at least one",
      remedy: "Check the format and the files.",
    });
  }
  if (problems.length > 0) throw new InputError("placement", problems);
  return placement;
}
