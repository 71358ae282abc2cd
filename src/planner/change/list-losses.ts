import { nodeId, regionOf, type Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { listMachines } from "../problem/list-machines.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import { onTheWay, type PlanningProblem } from "../problem/problem.js";

/** What is left at once when something is lost: new routes, no layer loaded. */
export interface Loss {
  /** A node; a machine with several parts; all nodes of a region; all links between two regions, or within one. */
  readonly kind: "node" | "machine" | "region" | "links";
  readonly name: string;
  /** Nodes with layers that are lost. */
  readonly nodes: number;
  /** Tokens/s through what is left. */
  readonly throughput: number;
  /** Layers that nobody holds any more. */
  readonly uncovered: number;
}

/** The same with what it takes to plan anew. */
export interface LossCase extends Loss {
  /** Lost nodes, whether they hold layers or not. */
  readonly lost: readonly number[];
  /** The cluster without what is lost of its links; with all its nodes. */
  readonly cluster: Cluster;
}

/**
 * Each node that holds layers lost alone, each machine with several such parts, each region with all of its nodes (the
 * coordinator stays), and the links of each pair of regions. Worst first in each kind. One max flow per loss. With
 * limits on depth or chains the flows are found by a heuristic, as everywhere.
 */
export function listLosses(problem: PlanningProblem, placement: Placement): readonly LossCase[] {
  const { cluster } = problem;
  const rest = onTheWay(problem);
  const holds = (node: number): boolean => placement[node] !== null;
  const lose = (
    kind: Loss["kind"],
    name: string,
    lost: readonly number[],
    after: Cluster = cluster,
  ): LossCase => {
    const left = placement.map((interval, node) => (lost.includes(node) ? null : interval));
    return {
      kind,
      name,
      lost,
      cluster: after,
      nodes: lost.filter(holds).length,
      throughput: measureThroughput({ ...rest, cluster: after }, left),
      uncovered: countUncovered(cluster.model.layers, left),
    };
  };
  const all = [...placement.keys()];
  const nodes = all.filter(holds).map((node) => lose("node", nodeId(cluster, node), [node]));
  const machines = listMachines(cluster)
    .filter((parts) => parts.length > 1 && parts.some(holds))
    .map((parts) =>
      lose("machine", cluster.hosts![cluster.nodes[parts[0]!]!.part!.host]!.id, parts),
    );
  const regions = cluster.regions.flatMap((name, region) => {
    const lost = all.filter((node) => cluster.nodes[node]!.region === region);
    return lost.some(holds) ? [lose("region", name, lost)] : [];
  });
  const links = listLinkClasses(cluster).map(([a, b]) => {
    const [from, to] = [cluster.regions[a]!, cluster.regions[b]!];
    const name = a === b ? `within ${from}` : `${from} ↔ ${to}`;
    return lose("links", name, [], withoutLinks(cluster, a, b));
  });
  const worstFirst = (a: Loss, b: Loss): number => a.throughput - b.throughput;
  return [regions, links, machines, nodes].flatMap((each) => each.sort(worstFirst));
}

/** Pairs of regions, or one twice, that have nodes or the coordinator to link, and links. */
function listLinkClasses(cluster: Cluster): readonly (readonly [number, number])[] {
  const ends = cluster.regions.map(
    (_, region) =>
      cluster.nodes.filter((node) => node.region === region).length +
      (cluster.coordinator.region === region ? 1 : 0),
  );
  const own = new Set<string>();
  for (const [from, row] of cluster.network.exceptions)
    for (const [to, link] of row)
      if (link !== undefined)
        own.add([regionOf(cluster, from), regionOf(cluster, to)].sort((x, y) => x - y).join());
  const { byRegion } = cluster.network;
  return ends.flatMap((some, a) =>
    ends.flatMap((others, b): (readonly [number, number])[] => {
      const possible = a < b ? some > 0 && others > 0 : a === b && some > 1;
      const linked = byRegion[a]?.[b] ?? byRegion[b]?.[a];
      return possible && (linked !== undefined || own.has(`${a},${b}`)) ? [[a, b]] : [];
    }),
  );
}

/** The cluster without all links between two regions, in both directions, those of the coordinator among them. */
function withoutLinks(cluster: Cluster, a: number, b: number): Cluster {
  const between = (from: number, to: number): boolean =>
    (from === a && to === b) || (from === b && to === a);
  const byRegion = cluster.network.byRegion.map((row, from) =>
    row.map((link, to) => (between(from, to) ? undefined : link)),
  );
  const exceptions = new Map(
    [...cluster.network.exceptions].map(([from, row]) => [
      from,
      new Map(
        [...row].map(([to, link]) => [
          to,
          between(regionOf(cluster, from), regionOf(cluster, to)) ? undefined : link,
        ]),
      ),
    ]),
  );
  return { ...cluster, network: { byRegion, exceptions } };
}

function countUncovered(layers: number, placement: Placement): number {
  const held = new Set<number>();
  for (const interval of placement)
    for (let layer = interval?.[0] ?? 0; layer < (interval?.[1] ?? 0); layer++) held.add(layer);
  return layers - held.size;
}
