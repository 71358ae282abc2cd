import { COORDINATOR, linkBetween, machineOf, regionOf, type Cluster } from "../../core/cluster.js";
import { rateOfLayers } from "../../core/interval-capacity.js";
import type { Placement } from "../../core/placement.js";

/** Nodes that hold the same layers, on machines of one type in one region. */
interface Alike {
  readonly start: number;
  readonly end: number;
  readonly rate: number;
  /** Left to be taken, the next one last. */
  readonly nodes: number[];
  readonly byHost: Map<number, number[]>;
}

/**
 * For each node the one before it in a chain: node-disjoint chains, the widest first, found among kinds of
 * nodes and not among nodes, so that work grows with nodes and kinds², not with pairs of nodes. The next
 * node of a chain is one of the same machine where there is one.
 * @returns undefined where pairs of nodes have links of their own, which kinds of nodes do not show.
 */
export function chooseChainLinks(
  cluster: Cluster,
  placement: Placement,
): ((node: number) => readonly number[]) | undefined {
  for (const [from, row] of cluster.network.exceptions)
    if (from !== COORDINATOR && [...row.keys()].some((to) => to !== COORDINATOR)) return undefined;
  const kinds = groupAlike(cluster, placement);
  const before = new Map<number, number>();
  for (;;) {
    const path = findWidest(cluster, kinds);
    if (path.length === 0) break;
    const count = path.reduce((least, { nodes }) => Math.min(least, nodes.length), Infinity);
    for (let n = 0; n < count; n++) {
      let last = COORDINATOR;
      for (const kind of path) {
        const node = take(cluster, kind, last);
        if (last !== COORDINATOR) before.set(node, last);
        last = node;
      }
    }
  }
  return (node) => {
    const previous = before.get(node);
    return previous === undefined ? [] : [previous];
  };
}

function groupAlike(cluster: Cluster, placement: Placement): readonly Alike[] {
  const kinds = new Map<string, Alike>();
  for (let node = placement.length - 1; node >= 0; node--) {
    const interval = placement[node]!;
    if (interval === null) continue;
    const [start, end] = interval;
    const { machine, region, part } = cluster.nodes[node]!;
    const key = `${start} ${end} ${machine} ${region}`;
    const rate = rateOfLayers(machineOf(cluster, node).capacity, interval);
    const kind: Alike = kinds.get(key) ?? { start, end, rate, nodes: [], byHost: new Map() };
    kinds.set(key, kind);
    kind.nodes.push(node);
    if (part === undefined) continue;
    const beside = kind.byHost.get(part.host) ?? [];
    kind.byHost.set(part.host, beside);
    beside.push(node);
  }
  return [...kinds.values()].sort((a, b) => a.end - b.end);
}

/** The kinds of a widest chain through what is left, from the first layers to the last; empty when there is none. */
function findWidest(cluster: Cluster, kinds: readonly Alike[]): readonly Alike[] {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const reach = new Map<Alike, { readonly width: number; readonly before: Alike | undefined }>();
  const between = (from: number, to: number, bytes: number): number =>
    linkBetween(cluster, from, to) === undefined ? 0 : wireBetween(cluster, from, to) / bytes;
  let last: Alike | undefined;
  let most = 0;
  for (const kind of kinds) {
    const node = kind.nodes.at(-1);
    if (node === undefined) continue;
    let width = kind.start === 0 ? between(COORDINATOR, node, tokenBytes) : 0;
    let before: Alike | undefined;
    for (const [previous, reached] of kind.start === 0 ? [] : reach) {
      if (previous.end !== kind.start) continue;
      const link = between(previous.nodes.at(-1)!, node, activationBytes);
      const own = Math.min(reached.width, link);
      if (own > width) [width, before] = [own, previous];
    }
    width = Math.min(width, kind.rate);
    if (width <= 0) continue;
    reach.set(kind, { width, before });
    const out = kind.end === layers ? between(node, COORDINATOR, tokenBytes) : 0;
    if (Math.min(width, out) > most) [most, last] = [Math.min(width, out), kind];
  }
  const path: Alike[] = [];
  for (let at = last; at !== undefined; at = reach.get(at)!.before) path.unshift(at);
  return path;
}

/** Bytes/s between machines of these regions: two nodes that stand for their kinds may be of one machine. */
function wireBetween(cluster: Cluster, from: number, to: number): number {
  const own = cluster.network.exceptions.get(from)?.get(to);
  const link = own ?? cluster.network.byRegion[regionOf(cluster, from)]![regionOf(cluster, to)];
  return link?.bandwidthBytesPerSecond ?? 0;
}

/** The next node of the kind, one of the same machine as `beside` where there is one. */
function take(cluster: Cluster, { nodes, byHost }: Alike, beside: number): number {
  const host = cluster.nodes[beside]?.part?.host;
  const near = host === undefined ? undefined : byHost.get(host)?.pop();
  if (near !== undefined) {
    nodes.splice(nodes.lastIndexOf(near), 1);
    return near;
  }
  const node = nodes.pop()!;
  const own = cluster.nodes[node]!.part?.host;
  if (own !== undefined) byHost.get(own)!.splice(byHost.get(own)!.lastIndexOf(node), 1);
  return node;
}
