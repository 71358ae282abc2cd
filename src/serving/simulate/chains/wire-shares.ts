import { hostOf, type Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";

/** What a link carries. */
export type Carried = "activations" | "ids";

/** Shares of a machine's wires that each link of a node has; 1 where the node is a machine of its own. */
export interface WireShares {
  /** Of what leaves the node's machine. */
  leaving(node: number, carried: Carried): number;
  /** Of what comes to it. */
  coming(node: number, carried: Carried): number;
}

type Crossings = Map<number, Record<Carried, number>>;

/**
 * How the links that leave a machine of several nodes, or come to it, share its wires: equally. Beside activations token ids count
 * by their bytes; what goes from one part of the machine to another uses none. Parts that hold layers and are in no chain
 * given are counted by these alone: where one ends and another begins, nothing leaves the machine. O(nodes).
 */
export function shareWires(
  cluster: Cluster,
  placement: Placement,
  chains: readonly { readonly nodes: readonly number[] }[],
): WireShares {
  const { activationBytes, tokenBytes } = cluster.model;
  const [leaving, coming]: [Crossings, Crossings] = [new Map(), new Map()];
  countLinks(cluster, chains, { leaving, coming });
  countOthers(cluster, placement, chains, { leaving, coming });
  const shareOf =
    (side: Crossings) =>
    (node: number, carried: Carried): number => {
      const { activations, ids } = side.get(hostOf(cluster, node)) ?? { activations: 0, ids: 0 };
      const small = carried === "ids" ? 1 : tokenBytes / activationBytes;
      return 1 / Math.max(1, activations + small * ids);
    };
  return { leaving: shareOf(leaving), coming: shareOf(coming) };
}

interface Sides {
  readonly leaving: Crossings;
  readonly coming: Crossings;
}

function add(side: Crossings, host: number, carried: Carried, links: number): void {
  if (host < 0) return;
  const before = side.get(host) ?? { activations: 0, ids: 0 };
  side.set(host, { ...before, [carried]: before[carried] + links });
}

function countLinks(
  cluster: Cluster,
  chains: readonly { readonly nodes: readonly number[] }[],
  { leaving, coming }: Sides,
): void {
  for (const { nodes } of chains) {
    const hosts = nodes.map((node) => hostOf(cluster, node));
    add(coming, hosts[0]!, "ids", 1);
    add(leaving, hosts.at(-1)!, "ids", 1);
    hosts.slice(1).forEach((host, at) => {
      if (host === hosts[at]) return;
      add(leaving, hosts[at]!, "activations", 1);
      add(coming, host, "activations", 1);
    });
  }
}

function countOthers(
  cluster: Cluster,
  placement: Placement,
  chains: readonly { readonly nodes: readonly number[] }[],
  { leaving, coming }: Sides,
): void {
  const chained = new Set(chains.flatMap(({ nodes }) => nodes));
  /** By host and layer, parts that end there less those that begin there. */
  const surplus = new Map<number, Map<number, number>>();
  placement.forEach((interval, node) => {
    const host = hostOf(cluster, node);
    if (interval === null || host < 0 || chained.has(node)) return;
    const own = surplus.get(host) ?? new Map<number, number>();
    surplus.set(host, own);
    own.set(interval[1], (own.get(interval[1]) ?? 0) + 1);
    own.set(interval[0], (own.get(interval[0]) ?? 0) - 1);
  });
  for (const [host, own] of surplus) {
    for (const [layer, ends] of own) {
      const atEnd = layer === 0 || layer === cluster.model.layers;
      const carried = atEnd ? "ids" : "activations";
      add(ends > 0 ? leaving : coming, host, carried, Math.abs(ends));
    }
  }
}
