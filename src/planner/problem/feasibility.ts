import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import type { PlanningProblem } from "./problem.js";

/** Why no placement can exist, and what would change that. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
  /** Layers for which there is no room at all. */
  readonly missingLayers?: number;
}

/**
 * A proof that the problem has no placement with any throughput, or undefined if none was found
 * (which promises nothing): layers against room, entry and exit of the coordinator, and room among
 * the nodes that tokens can both reach and leave. O(nodes²) worst case, O(regions²) without exceptions.
 */
export function findObstacle(problem: PlanningProblem): Obstacle | undefined {
  const { cluster } = problem;
  const usable = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !problem.constraints.drained.has(node));
  const shortfall = describeShortfall(cluster, usable, "the nodes of this cluster");
  if (shortfall !== undefined) return shortfall;
  const entries = usable.filter((node) => linkBetween(cluster, COORDINATOR, node) !== undefined);
  const exits = usable.filter((node) => linkBetween(cluster, node, COORDINATOR) !== undefined);
  if (entries.length === 0 || exits.length === 0) {
    const direction =
      entries.length === 0 ? "from the coordinator to" : "back to the coordinator from";
    return {
      reason: `there is no link ${direction} any node`,
      remedy:
        'Add one under network.links ("coordinator" is its name there), or network.withinRegion and network.acrossRegions for whole regions.',
    };
  }
  const reachable = spread(usable, entries, (from, to) => linkBetween(cluster, from, to));
  const returning = spread(usable, exits, (from, to) => linkBetween(cluster, to, from));
  const between = usable.filter((node) => reachable.has(node) && returning.has(node));
  return describeShortfall(cluster, between, "the nodes that tokens can reach and leave");
}

function describeShortfall(
  cluster: Cluster,
  nodes: readonly number[],
  which: string,
): Obstacle | undefined {
  const { layers } = cluster.model;
  const room = nodes.reduce((sum, node) => sum + machineOf(cluster, node).capacity.maxLayers, 0);
  if (room >= layers) return undefined;
  const missing = layers - room;
  const enough = cluster.machines
    .filter((machine) => machine.capacity.maxLayers > 0)
    .map((machine) => {
      const count = Math.ceil(missing / machine.capacity.maxLayers);
      return `${count} more ${machine.name} (${machine.capacity.maxLayers} layers each)`;
    });
  return {
    reason: `${which} hold at most ${room} of the ${layers} layers of ${cluster.model.name}; ${missing} are missing`,
    remedy:
      enough.length === 0
        ? "No machine type of this cluster holds even one layer: use larger machines or a smaller model."
        : `Enough would be: ${enough.join(", or ")}.`,
    missingLayers: missing,
  };
}

function spread(
  nodes: readonly number[],
  roots: readonly number[],
  linked: (from: number, to: number) => unknown,
): ReadonlySet<number> {
  const reached = new Set(roots);
  if (reached.size === nodes.length) return reached;
  for (const from of reached) {
    for (const to of nodes) {
      if (!reached.has(to) && linked(from, to) !== undefined) reached.add(to);
    }
    if (reached.size === nodes.length) break;
  }
  return reached;
}
