import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import { holdsLayers } from "../../core/interval-capacity.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import type { EngineOverhead } from "../../engines/engine.js";
import { createLayerTime } from "../../engines/timing.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import { createLeastFirst } from "./least-first.js";

/** The quickest pipeline for one request alone. */
export interface LeastLatency {
  readonly placement: Placement;
  /** Seconds per output token of one user alone. */
  readonly secondsPerToken: number;
  /** No pipeline takes less; the same figure where the search came to its end. */
  readonly bound: number;
}

/** States opened before the search gives up its proof. */
const MOST_STATES = 300_000;

/** A pipeline's first part: layers up to `end` on nodes of which `node` is the last. */
interface Part {
  readonly end: number;
  readonly node: number;
  readonly seconds: number;
  /** With the least that the rest takes if nodes could be used again. */
  readonly atLeast: number;
  readonly before: Part | undefined;
}

/**
 * The pipeline on which one request alone gets its tokens soonest: seconds of a decode on each stage's layers, the
 * engine's own per stage, and the way between stages, out and back. A shortest path over (layer, node) in which no
 * node stands twice, found best first; what remains is bounded by the shortest path that may use nodes again, so
 * the first whole pipeline is the best. Undefined when no pipeline holds the model.
 * O(states · nodes · layers), the states few where the shortest path uses no node twice.
 */
export function findLeastLatency(
  cluster: Cluster,
  overhead: EngineOverhead,
  { drained, maxDepth = Infinity }: Pick<PlacementConstraints, "drained" | "maxDepth">,
): LeastLatency | undefined {
  const steps = describeSteps(cluster, overhead, drained);
  const rest = boundRest(cluster.model.layers, steps);
  const follow = createFollow(cluster.model.layers, steps, rest);
  const open = createLeastFirst<Part>();
  const seen = new Map<string, number>();
  let part: Part | undefined = {
    end: 0,
    node: COORDINATOR,
    seconds: 0,
    atLeast: 0,
    before: undefined,
  };
  for (let states = 0; part !== undefined; part = open.take()) {
    if (part.end === cluster.model.layers) return describe(cluster, part, part.atLeast);
    if ((states += 1) > MOST_STATES) return giveUp(part);
    const used = nodesOf(part);
    if (used.size >= maxDepth) continue;
    for (const next of follow(part, used)) {
      const key = `${next.end} ${steps.kind(next.node)} ${[...used].map(steps.kind).toSorted().join()}`;
      if ((seen.get(key) ?? Infinity) <= next.seconds) continue;
      seen.set(key, next.seconds);
      open.put(next);
    }
  }
  return undefined;

  /** Any way to the end from here, with what is proven so far. */
  function giveUp(from: Part): LeastLatency | undefined {
    let way: Part | undefined = from;
    while (way !== undefined && way.end < cluster.model.layers)
      way = follow(way, nodesOf(way)).toSorted((a, b) => a.atLeast - b.atLeast)[0];
    return way && describe(cluster, way, from.atLeast);
  }
}

/** All parts that are one more node longer; of nodes that are alike one stands for all. */
function createFollow(
  layers: number,
  steps: Steps,
  rest: (end: number, node: number) => number,
): (part: Part, used: ReadonlySet<number>) => readonly Part[] {
  return (part, used) => {
    const parts: Part[] = [];
    const kinds = new Set<string>();
    for (const node of steps.nodes) {
      if (used.has(node) || kinds.has(steps.kind(node))) continue;
      kinds.add(steps.kind(node));
      const way = steps.way(part.node, node);
      if (way === Infinity) continue;
      for (let end = part.end + 1; steps.holds(node, [part.end, end]); end += 1) {
        const last = end === layers ? steps.way(node, COORDINATOR) : 0;
        const seconds = part.seconds + way + steps.stage(node, [part.end, end]) + last;
        const atLeast = end === layers ? seconds : seconds + rest(end, node);
        if (atLeast < Infinity) parts.push({ end, node, seconds, atLeast, before: part });
      }
    }
    return parts;
  };
}

/** What a stage and the way to it take. */
interface Steps {
  readonly nodes: readonly number[];
  /** Equal for nodes that stand for each other. */
  kind(node: number): string;
  holds(node: number, interval: LayerInterval): boolean;
  stage(node: number, interval: LayerInterval): number;
  /** `Infinity` where there is no link. */
  way(from: number, to: number): number;
}

function describeSteps(
  cluster: Cluster,
  overhead: EngineOverhead,
  drained: ReadonlySet<number>,
): Steps {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const capacityOf = (node: number) => machineOf(cluster, node).capacity;
  const nodes = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !drained.has(node) && capacityOf(node).curves !== undefined);
  const single = cluster.machines.map(({ capacity }) =>
    capacity.curves === undefined ? Infinity : createLayerTime(capacity.curves.decodeSeconds)(1),
  );
  const nicOf = (node: number): number =>
    node === COORDINATOR
      ? cluster.coordinator.nicBytesPerSecond
      : machineOf(cluster, node).nicBytesPerSecond;
  const ownLinks = new Set(
    [...cluster.network.exceptions].flatMap(([from, row]) => [from, ...row.keys()]),
  );
  return {
    nodes,
    kind(node) {
      const { machine, region } = cluster.nodes[node]!;
      return ownLinks.has(node) ? `#${node}` : `${machine}@${region}`;
    },
    holds: (node, interval) => interval[1] <= layers && holdsLayers(capacityOf(node), interval),
    stage(node, [start, end]) {
      const relative = capacityOf(node).byInterval?.relativeSeconds.slice(start, end);
      const work = relative?.reduce((sum, each) => sum + each, 0) ?? end - start;
      return (
        work * single[cluster.nodes[node]!.machine]! +
        (end - start) * overhead.layerSeconds +
        overhead.stepSeconds
      );
    },
    way(from, to) {
      const link = linkBetween(cluster, from, to);
      if (link === undefined) return Infinity;
      const bytes = from === COORDINATOR || to === COORDINATOR ? tokenBytes : activationBytes;
      const rate = Math.min(link.bandwidthBytesPerSecond, nicOf(from), nicOf(to));
      return link.latencySeconds + bytes / rate;
    },
  };
}

/** The least that the layers from `end` on take after `node`, if nodes could be used again. O(layers² · nodes²). */
function boundRest(layers: number, steps: Steps): (end: number, node: number) => number {
  const known = Array.from({ length: layers + 1 }, () => new Map<number, number>());
  /** Of a node that starts at a layer, the least until the end. */
  for (const node of steps.nodes) known[layers]!.set(node, steps.way(node, COORDINATOR));
  for (let start = layers - 1; start > 0; start -= 1) {
    const from = steps.nodes.map((node) => {
      let least = Infinity;
      for (let end = start + 1; steps.holds(node, [start, end]); end += 1)
        least = Math.min(least, steps.stage(node, [start, end]) + known[end]!.get(node)!);
      return least;
    });
    for (const node of steps.nodes) {
      let least = Infinity;
      steps.nodes.forEach((next, at) => {
        if (next !== node && from[at]! < least)
          least = Math.min(least, steps.way(node, next) + from[at]!);
      });
      known[start]!.set(node, least);
    }
  }
  return (end, node) => known[end]!.get(node)!;
}

function nodesOf(part: Part): ReadonlySet<number> {
  const nodes = new Set<number>();
  for (let at: Part | undefined = part; at !== undefined; at = at.before)
    if (at.node !== COORDINATOR) nodes.add(at.node);
  return nodes;
}

function describe(cluster: Cluster, whole: Part, bound: number): LeastLatency {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (let at = whole; at.before !== undefined; at = at.before)
    placement[at.node] = [at.before.end, at.end];
  return { placement, secondsPerToken: whole.seconds, bound: Math.min(bound, whole.seconds) };
}
