import type { Evaluation, LinkFlow } from "./evaluate-placement.js";

/** Flows below this share of the throughput are rounding, not routes. */
const NEGLIGIBLE_SHARE = 1e-9;

/** Next hops of one vertex; weights sum to 1. */
export interface RoutingRow {
  /** Node index or `COORDINATOR`. */
  readonly from: number;
  readonly hops: readonly { readonly to: number; readonly weight: number }[];
}

/**
 * Per-vertex routing weights: the share of its out-flow that the max flow sends along each link
 * (Helix, section 5). Coordinator first, then nodes in order; vertices without flow are left out.
 */
export function deriveRoutingWeights(evaluation: Evaluation): readonly RoutingRow[] {
  const rows = new Map<number, LinkFlow[]>();
  for (const link of evaluation.links) {
    if (link.flow <= NEGLIGIBLE_SHARE * evaluation.throughput) continue;
    const row = rows.get(link.from);
    if (row === undefined) rows.set(link.from, [link]);
    else row.push(link);
  }
  return [...rows.entries()]
    .sort(([a], [b]) => a - b)
    .map(([from, links]) => {
      const total = links.reduce((sum, link) => sum + link.flow, 0);
      return { from, hops: links.map(({ to, flow }) => ({ to, weight: flow / total })) };
    });
}
