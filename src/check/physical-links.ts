import { COORDINATOR, linkBetween, type Cluster } from "../core/cluster.js";
import type { LayerInterval } from "../core/placement.js";

/** A link that tokens may legally take under the intervals of a placement, in tokens/s. */
export interface PhysicalLink {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  /** Between parts of one machine: past its NIC. */
  readonly inner: boolean;
}

/** Legal links by sender, and the bytes per token that every node exchanges with other machines. */
export interface PhysicalLinks {
  readonly outOf: ReadonlyMap<number, readonly PhysicalLink[]>;
  readonly inBytes: Float64Array;
  readonly outBytes: Float64Array;
}

/**
 * Derives legality and capacity of links from the formats alone (rules of docs/formulation.md,
 * section 1); shares no code with the planner's own flow network. O(pairs with e_i ∈ [s_j, e_j)).
 */
export function derivePhysicalLinks(
  cluster: Cluster,
  intervals: readonly (LayerInterval | null)[],
  { partialInference }: { readonly partialInference: boolean },
): PhysicalLinks {
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const outOf = new Map<number, PhysicalLink[]>();
  const inBytes = new Float64Array(intervals.length).fill(tokenBytes);
  const outBytes = new Float64Array(intervals.length).fill(tokenBytes);
  const hostOf = (node: number): number | undefined => cluster.nodes[node]?.part?.host;
  const add = (from: number, to: number, bytes: number): boolean => {
    const link = linkBetween(cluster, from, to);
    if (link === undefined) return false;
    const inner = hostOf(from) !== undefined && hostOf(from) === hostOf(to);
    const entry = { from, to, capacity: link.bandwidthBytesPerSecond / bytes, inner };
    const row = outOf.get(from);
    if (row === undefined) outOf.set(from, [entry]);
    else row.push(entry);
    return !inner;
  };
  const entering: number[][] = Array.from({ length: layers + 1 }, () => []);
  intervals.forEach((interval, node) => {
    if (interval === null) return;
    const last = partialInference ? interval[1] - 1 : interval[0];
    for (let layer = interval[0]; layer <= last; layer++) entering[layer]!.push(node);
    if (interval[0] === 0) add(COORDINATOR, node, tokenBytes);
  });
  intervals.forEach((interval, node) => {
    if (interval === null) return;
    const end = interval[1];
    if (end === layers) add(node, COORDINATOR, tokenBytes);
    for (const next of entering[end]!) {
      if (next === node || !add(node, next, activationBytes)) continue;
      inBytes[next] = activationBytes;
      outBytes[node] = activationBytes;
    }
  });
  return { outOf, inBytes, outBytes };
}
