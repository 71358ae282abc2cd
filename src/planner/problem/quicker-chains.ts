import { COORDINATOR, linkBetween, type Cluster } from "../../core/cluster.js";
import type { PlacementNetwork } from "../graph/placement-network.js";
import type { Placement } from "../../core/placement.js";

/** Above it chains stay as the flow has them: work grows with pairs of them. */
const MOST_CHAINS = 400;
/** What is no more than rounding, as a share. */
const SAME = 1e-9;

interface Chain {
  nodes: number[];
  readonly flow: number;
}

/**
 * A flow of node-disjoint chains takes any of several that carry as much, and what crosses a region three times, or leaves a machine for one
 * of its cards, serves less than what crosses it once. So where two chains meet between the same layers, they go on with each other's
 * nodes if these carry as much as their own and links are quicker then, until no two do. O(chains² · depth²) for each round; rounds end as
 * the sum of the times falls.
 * @returns whether each arc is taken; undefined where nothing is quicker.
 */
export function findQuickerChains(
  cluster: Cluster,
  placement: Placement,
  { kinds, from, to, network }: PlacementNetwork,
  flow: Float64Array,
): Float64Array | undefined {
  const arcs = new Map<string, number>();
  const room = new Map<number, number>();
  kinds.forEach((kind, arc) => {
    if (kind === "link") arcs.set(`${from[arc]!} ${to[arc]!}`, arc);
    if (kind === "compute") room.set(from[arc]!, network.capacity[arc]!);
  });
  const carry = (nodes: readonly number[], needed: number): boolean =>
    nodes.every((node) => room.get(node)! >= needed * (1 - SAME));
  const arcOf = (tail: number, head: number): number => arcs.get(`${tail} ${head}`) ?? -1;
  const chains = followChains({ kinds, from, to }, flow);
  if (chains === undefined || chains.length > MOST_CHAINS) return undefined;
  const seconds = (tail: number, head: number, needed: number): number => {
    const arc = arcOf(tail, head);
    const link = linkBetween(cluster, tail, head);
    if (link === undefined || arc < 0 || network.capacity[arc]! < needed) return Infinity;
    return link.latencySeconds + cluster.model.activationBytes / link.bandwidthBytesPerSecond;
  };
  const exchange = (one: Chain, other: Chain): boolean => {
    const ends = new Map(other.nodes.map((node, at) => [placement[node]![1], at]));
    for (const [at, node] of one.nodes.slice(0, -1).entries()) {
      const same = ends.get(placement[node]![1]);
      if (same === undefined) continue;
      const [next, last, after] = [one.nodes[at + 1]!, other.nodes[same]!, other.nodes[same + 1]!];
      const now = seconds(node, next, 0) + seconds(last, after, 0);
      if (seconds(node, after, one.flow) + seconds(last, next, other.flow) >= now * (1 - SAME))
        continue;
      const [tail, otherTail] = [one.nodes.slice(at + 1), other.nodes.slice(same + 1)];
      if (!carry(otherTail, one.flow) || !carry(tail, other.flow)) continue;
      one.nodes = [...one.nodes.slice(0, at + 1), ...otherTail];
      other.nodes = [...other.nodes.slice(0, same + 1), ...tail];
      return true;
    }
    return false;
  };
  let changed = false;
  for (let again = true; again; changed ||= again) {
    again = false;
    for (const [at, one] of chains.entries())
      for (const other of chains.slice(at + 1)) while (exchange(one, other)) again = true;
  }
  if (!changed) return undefined;
  const taken = new Float64Array(flow.length);
  for (const { nodes, flow: carried } of chains) {
    const way = [COORDINATOR, ...nodes, COORDINATOR];
    way.slice(1).forEach((node, at) => {
      taken[arcOf(way[at]!, node)] = carried;
    });
  }
  return taken;
}

/** The chains of a flow, by their first nodes; undefined where it is none of chains. */
function followChains(
  { kinds, from, to }: Pick<PlacementNetwork, "kinds" | "from" | "to">,
  flow: Float64Array,
): Chain[] | undefined {
  const next = new Map<number, number>();
  const chains: Chain[] = [];
  for (const [arc, kind] of kinds.entries()) {
    if (kind !== "link" || flow[arc]! <= 0) continue;
    const [tail, head] = [from[arc]!, to[arc]!];
    if (tail === COORDINATOR) chains.push({ nodes: [head], flow: flow[arc]! });
    else if (next.has(tail)) return undefined;
    else next.set(tail, head);
  }
  for (const { nodes } of chains)
    for (let last = next.get(nodes[0]!); last !== undefined && last !== COORDINATOR;) {
      nodes.push(last);
      last = next.get(last);
    }
  return chains;
}
