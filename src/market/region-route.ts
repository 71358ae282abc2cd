import type { Cluster } from "../core/cluster.js";

/** An order of regions for tokens to pass through, and what its links let through. */
export interface RegionRoute {
  readonly regions: readonly string[];
  /** Tokens/s over the link of one node pair into the region from any before it; Infinity for the first. */
  readonly entry: readonly number[];
}

/** More regions than this are taken in the order given. */
const MOST_PERMUTED = 6;

/**
 * The order of regions whose thinnest step is widest, of equals the one with most over all steps.
 * Links of region pairs only, exceptions left aside. O(regions! · regions), regions ≤ 6.
 */
export function chooseRegionRoute(cluster: Cluster): RegionRoute {
  const { regions, network, model } = cluster;
  const across = regions.map((_, from) =>
    regions.map((__, to) => {
      const bytes = network.byRegion[from]?.[to]?.bandwidthBytesPerSecond ?? 0;
      return bytes / model.activationBytes;
    }),
  );
  const judge = (order: readonly number[]): readonly [number, number] => {
    const steps = order.slice(1).map((to, at) => across[order[at]!]![to]!);
    return [
      Math.min(Infinity, ...steps),
      steps.reduce((sum, step) => sum + Math.min(step, 1e12), 0),
    ];
  };
  let best = [...regions.keys()];
  let bestSteps = judge(best);
  for (const order of regions.length > MOST_PERMUTED ? [] : permute(best)) {
    const steps = judge(order);
    if (steps[0] < bestSteps[0] || (steps[0] === bestSteps[0] && steps[1] <= bestSteps[1]))
      continue;
    best = [...order];
    bestSteps = steps;
  }
  return {
    regions: best.map((region) => regions[region]!),
    entry: best.map((to, at) =>
      Math.min(Infinity, ...best.slice(0, at).map((from) => across[from]![to]!)),
    ),
  };
}

function permute(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first) =>
    permute(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
