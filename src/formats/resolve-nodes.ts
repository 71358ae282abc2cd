import { COORDINATOR_ID, type ClusterNode } from "../core/cluster.js";
import type { NodeEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";

/** Most nodes a cluster may have. */
const MOST_NODES = 100_000;

/** The region of nodes (and of a coordinator) that name none. */
export const UNNAMED_REGION = "";

export interface ResolvedNodes {
  readonly nodes: readonly ClusterNode[];
  readonly regions: readonly string[];
  /** Id → index. */
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * Expands `count`, gives machines and regions their indices and checks ids.
 * @param entries in file order; undefined where the entry was unusable (already reported).
 * @param machineNames in file order; undefined when the file has no usable machines (already reported).
 * @param coordinatorRegion region of the coordinator, `UNNAMED_REGION` if it names none.
 */
export function resolveNodes(
  entries: readonly (NodeEntry | undefined)[],
  machineNames: readonly string[] | undefined,
  coordinatorRegion: string,
  list: ProblemList,
): ResolvedNodes {
  const nodes: ClusterNode[] = [];
  const ids = new Map<string, number>();
  const machineIndex = new Map(machineNames?.map((name, index) => [name, index]));
  const regions: string[] = [];
  const regionIndex = new Map<string, number>();
  const indexOfRegion = (name: string): number => {
    let index = regionIndex.get(name);
    if (index === undefined) {
      index = regions.push(name) - 1;
      regionIndex.set(name, index);
    }
    return index;
  };
  entries.forEach((entry, position) => {
    if (entry === undefined) return;
    const path = `nodes[${position}]`;
    const machine = machineIndex.get(entry.machine) ?? -1;
    if (machine < 0 && machineNames !== undefined) {
      const remedy = list.suggest(entry.machine, machineNames, "Describe it under machines.");
      list.add(`${path}.machine`, entry.machine, "the name of a machine in machines", remedy);
    }
    if (nodes.length + (entry.count ?? 1) > MOST_NODES) {
      list.add(`${path}.count`, entry.count, `at most ${MOST_NODES} nodes in all`, "Plan a part.");
      return;
    }
    const region = indexOfRegion(entry.region ?? UNNAMED_REGION);
    for (const id of expandIds(entry)) {
      if (id === COORDINATOR_ID) {
        list.add(`${path}.id`, id, "another id: this one is the coordinator", "Rename the node.");
      } else if (id === "__proto__") {
        list.add(`${path}.id`, id, "an id that can be a key in JSON", "Rename the node.");
      } else if (ids.has(id)) {
        const remedy = "Rename one of the two, or use count for machines that are alike.";
        list.add(`${path}.id`, id, "an id no other node has", remedy);
      }
      ids.set(id, nodes.length);
      nodes.push({ id, machine, region });
    }
  });
  indexOfRegion(coordinatorRegion);
  return { nodes, regions, ids };
}

function expandIds(entry: NodeEntry): readonly string[] {
  if (entry.count === undefined) return [entry.id];
  return Array.from({ length: entry.count }, (_, index) => `${entry.id}-${index}`);
}
