/** Half-open layer interval [start, end), 0 ≤ start < end ≤ layers. */
export type LayerInterval = readonly [start: number, end: number];

/** Which layers each node holds: one entry per node of the cluster, in its order; null = empty. */
export type Placement = readonly (LayerInterval | null)[];

/** Some nodes with the intervals they hold. */
export type NodeIntervals = readonly (readonly [node: number, interval: LayerInterval])[];

/** Number of layers in an interval. */
export function layerCount(interval: LayerInterval): number {
  return interval[1] - interval[0];
}
