import { machineOf, nodeId, type Cluster, type Machine } from "../../core/cluster.js";
import { mostLayersOf } from "../../core/interval-capacity.js";
import { coverLayers, listChainTypes } from "./interval-chain.js";
import type { Obstacle } from "./obstacle.js";

/** Most nodes named. */
const MOST_NAMED = 12;

/**
 * Layers for which these nodes have no room, and what would do; undefined where there is room.
 * @param idle nodes that are left out by the constraints. O(nodes · types).
 */
export function describeShortfall(
  cluster: Cluster,
  nodes: readonly number[],
  which: string,
  idle: ReadonlySet<number> = new Set(),
): Obstacle | undefined {
  const { layers } = cluster.model;
  const most = nodes.reduce(
    (sum, node) => sum + mostLayersOf(machineOf(cluster, node).capacity),
    0,
  );
  const room = most >= layers ? coveredInOrder(cluster, nodes) : most;
  if (room >= layers) return undefined;
  const missing = layers - room;
  const engine = cluster.engine === undefined ? "" : ` under ${cluster.engine.name}`;
  const names = [...idle].map((node) => nodeId(cluster, node));
  const left = names.length === 0 ? "" : ` (without ${joinFew(names)})`;
  const enough = listTypes(cluster, idle)
    .map(({ name, capacity }) => ({ name, most: mostLayersOf(capacity), capacity }))
    .filter(({ most: each }) => each > 0)
    .map(({ name, most: each, capacity }) => {
      const count = Math.ceil(missing / Math.max(1, capacity.maxLayers));
      const held = capacity.byInterval === undefined ? "" : "up to ";
      return `${count} more ${name} (${held}${each} ${each === 1 ? "layer" : "layers"} each)`;
    });
  return {
    reason: `${which}${left} hold at most ${room} of the ${layers} layers of ${cluster.model.name}${engine}; ${missing} ${missing === 1 ? "is" : "are"} missing`,
    remedy:
      enough.length === 0
        ? idle.size > 0
          ? "Use the nodes that are left out, larger machines, or a smaller model."
          : "No machine type of this cluster holds even one layer: use larger machines or a smaller model."
        : `Enough would be: ${enough.join(", or ")}.`,
    missingLayers: missing,
  };
}

/** What can be added: machine types of the file, not parts of them; what only idle nodes are would stay idle, too. */
function listTypes(cluster: Cluster, idle: ReadonlySet<number>): readonly Machine[] {
  // A part has the name of its type, a slash and its size.
  const isOf = (part: string, whole: string): boolean => part.startsWith(`${whole}/`);
  return cluster.machines.filter(({ name }) => {
    if (cluster.machines.some((type) => isOf(name, type.name))) return false;
    const nodes = [...cluster.nodes.keys()].filter((node) => {
      const own = machineOf(cluster, node).name;
      return own === name || isOf(own, name);
    });
    return nodes.length === 0 || nodes.some((node) => !idle.has(node));
  });
}

/** The first names of a list. */
export function joinFew(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** How far the nodes get one after another where layers differ, in the best order; all layers where that is not known. */
function coveredInOrder(cluster: Cluster, nodes: readonly number[]): number {
  const { layers } = cluster.model;
  const differ = nodes.some((node) => machineOf(cluster, node).capacity.byInterval !== undefined);
  if (!differ) return layers;
  const cover = coverLayers(listChainTypes(cluster, nodes, 0), layers);
  return cover.kind === "short" ? cover.covered : layers;
}
