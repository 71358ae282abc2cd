import { COORDINATOR, linkBetween, machineOf, nodeId, type Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import { mostLayersOf } from "../../core/interval-capacity.js";
import { layerCount } from "../../core/placement.js";
import { findReachableRoom, type WayGraph } from "./reachable-room.js";
import type { PlanningProblem } from "./problem.js";
import { listMachines } from "./list-machines.js";
import type { Obstacle } from "./obstacle.js";
import { describeShortfall, joinFew } from "./room-shortfall.js";

/**
 * A proof that the problem has no placement with any throughput, or undefined if none was found
 * (which promises nothing): layers against room, entry and exit of the coordinator, room among the
 * nodes that tokens can both reach and leave, and room among those that a single token can pass one
 * after another. O(nodes²) worst case.
 * @throws InputError when the model has more layers than any plan is made for.
 */
export function findObstacle(problem: PlanningProblem): Obstacle | undefined {
  const { cluster } = problem;
  const usable = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !problem.constraints.drained.has(node));
  const { drained } = problem.constraints;
  const shortfall = describeShortfall(cluster, usable, "the nodes of this cluster", drained);
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
  const island = describeShortfall(cluster, between, "the nodes that tokens can reach and leave");
  if (island !== undefined) return island;
  requireFewLayers(cluster);
  const alone = findLonelyLayers(problem, between);
  if (alone !== undefined) return alone;
  return between.length > MOST_WALKED ? undefined : findMissingLinks(problem, between);
}

/**
 * Where any so many machines may be lost, one more must hold each layer: room of a machine beyond all layers is of no use
 * for that. O(nodes).
 */
function findLonelyLayers(
  { cluster, constraints }: PlanningProblem,
  nodes: readonly number[],
): Obstacle | undefined {
  const { survive } = constraints;
  if (survive === undefined) return undefined;
  const { layers, name } = cluster.model;
  const usable = new Set(nodes);
  const rooms = listMachines(cluster).map((parts) =>
    parts
      .filter((node) => usable.has(node))
      .reduce((sum, node) => sum + mostLayersOf(machineOf(cluster, node).capacity), 0),
  );
  const room = rooms.reduce((sum, each) => sum + Math.min(layers, each), 0);
  const copies = survive.losses + 1;
  const missing = copies * layers - room;
  if (missing <= 0) return undefined;
  return {
    reason: `so that any ${survive.losses === 1 ? "machine" : `${survive.losses} machines`} may be lost, each of the ${layers} layers of ${name} must be held ${copies} times, and there is room for ${room} of ${copies * layers} layers on different machines`,
    remedy: "Add machines, or let fewer be lost (--survive).",
    missingLayers: missing,
  };
}

/** The most layers that are planned for: ten times what the deepest models have. */
const MOST_LAYERS = 10_000;

function requireFewLayers({ name, model }: Cluster): void {
  if (model.layers <= MOST_LAYERS) return;
  throw new InputError(name, [
    {
      path: "model.layers",
      found: String(model.layers),
      expected: `at most ${MOST_LAYERS}`,
      remedy: "Correct the number, or take several layers together as one.",
    },
  ]);
}

/** Above so many nodes their pairs are not looked at one by one. */
const MOST_WALKED = 2000;
/** Links proposed at most; pairs tried for each, fewer where looking at one takes long. */
const MOST_PROPOSED = 8;
const MOST_TRIED = 100;
const MOST_WORK = 1e6;

/**
 * Whether the nodes that one token can pass one after another hold the model: each node is passed once,
 * so their rooms add up along its way only.
 */
function findMissingLinks(
  { cluster, constraints }: PlanningProblem,
  nodes: readonly number[],
): Obstacle | undefined {
  const { layers, name } = cluster.model;
  const roomOf = (node: number): number => {
    const pin = constraints.pins.get(node);
    return pin === undefined ? mostLayersOf(machineOf(cluster, node).capacity) : layerCount(pin);
  };
  const linked = (from: number, to: number): boolean =>
    linkBetween(cluster, from, to) !== undefined;
  const graph: WayGraph = {
    room: nodes.map(roomOf),
    entry: nodes.map((node) => linked(COORDINATOR, node)),
    exit: nodes.map((node) => linked(node, COORDINATOR)),
    next: nodes.map((from) => [...nodes.keys()].filter((to) => linked(from, nodes[to]!))),
    mostNodes: constraints.maxDepth ?? Infinity,
  };
  const reached = findReachableRoom(graph);
  if (reached.layers >= layers) return undefined;
  const named = reached.nodes.map((at) => nodeId(cluster, nodes[at]!));
  const reason = `what a token can reach by the links there are holds ${reached.layers} of the ${layers} layers of ${name} (${joinFew(named)})`;
  // No link of a file would join nodes that the engine keeps apart.
  if (cluster.equalDegrees === true)
    return {
      reason: `${reason}; ${cluster.engine?.name ?? "the engine"} links no nodes of unlike numbers of cards`,
      remedy:
        "Share the cards out in parts of one size (--tensor-parallel), choose another --engine, or use larger machines.",
      missingLayers: layers - reached.layers,
    };
  const links = proposeLinks(graph, layers)?.map(
    ([from, to]) => `${nodeId(cluster, nodes[from]!)} ↔ ${nodeId(cluster, nodes[to]!)}`,
  );
  return {
    reason,
    remedy:
      links === undefined
        ? "Link more nodes with each other (network.links), loosen --max-depth and pins, or use larger machines."
        : `Enough would be ${links.length === 1 ? "a link" : "links"} ${links.join(", ")} (network.links, "bidirectional").`,
    missingLayers: layers - reached.layers,
  };
}

/** Links, both ways, that would let a token pass enough room; found one by one, the best first. */
function proposeLinks(
  graph: WayGraph,
  layers: number,
): readonly (readonly [from: number, to: number])[] | undefined {
  const proposed: (readonly [number, number])[] = [];
  let present = graph;
  const size = graph.next.reduce((sum, heads) => sum + heads.length + 1, 0);
  const mostTried = Math.min(MOST_TRIED, Math.ceil(MOST_WORK / size));
  let reached = findReachableRoom(present);
  while (reached.layers < layers && proposed.length < MOST_PROPOSED) {
    const inside = new Set(reached.nodes);
    const outside = [...graph.room.keys()]
      .filter((node) => !inside.has(node))
      .sort((a, b) => graph.room[b]! - graph.room[a]!);
    let best: { readonly graph: WayGraph; readonly layers: number } | undefined;
    let pair: readonly [number, number] | undefined;
    let tried = 0;
    for (const to of outside) {
      for (const from of reached.nodes) {
        if (present.next[from]!.includes(to) && present.next[to]!.includes(from)) continue;
        if (++tried > mostTried || (best !== undefined && best.layers >= layers)) break;
        const wider = addLink(present, from, to);
        const found = findReachableRoom(wider).layers;
        if (found <= (best?.layers ?? reached.layers)) continue;
        best = { graph: wider, layers: found };
        pair = [from, to];
      }
    }
    if (best === undefined || pair === undefined) return undefined;
    proposed.push(pair);
    present = best.graph;
    reached = findReachableRoom(present);
  }
  return reached.layers >= layers ? proposed : undefined;
}

function addLink(graph: WayGraph, a: number, b: number): WayGraph {
  const next = graph.next.map((heads, from) => {
    const to = from === a ? b : from === b ? a : undefined;
    return to === undefined || heads.includes(to) ? heads : [...heads, to];
  });
  return { ...graph, next };
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
