import { listLayers, type Model } from "../../core/model.js";
import type { LayerInterval, Placement } from "../../core/placement.js";

/** What nodes have to load to hold other layers than they do. Bytes. */
export interface LoadBytes {
  /** What the nodes hold now. */
  readonly held: Placement;
  /** Bytes of the largest layer. */
  readonly largestLayer: number;
  /** All bytes are whole multiples of this. */
  readonly step: number;
  /** Weights of the interval that the node does not hold; 0 for null. O(1). */
  of(node: number, interval: LayerInterval | null): number;
  /** Over all nodes. */
  total(placement: Placement): number;
  /** The most of any node; by a rate of each, the longest that any takes. */
  most(placement: Placement, rateOf?: (node: number) => number): number;
  /** Bytes of layers `from` to `to`, without what the ends hold beside them. */
  between(from: number, to: number): number;
}

/**
 * Counts the layers that a node did not hold before, and at the ends of the model the embeddings and the
 * output head, where the model says their size; what both share is loaded once.
 */
export function countLoadBytes(model: Model, held: Placement): LoadBytes {
  const layers = listLayers(model);
  const sums = new Float64Array(layers.length + 1);
  layers.forEach(({ bytes }, layer) => (sums[layer + 1] = sums[layer]! + bytes));
  const { embeddingBytes = 0, headBytes = 0, tiedBytes = 0 } = model;
  const between = (from: number, to: number): number => (to > from ? sums[to]! - sums[from]! : 0);
  const ends = (first: boolean, last: boolean): number =>
    (first ? embeddingBytes : 0) + (last ? headBytes : 0) - (first && last ? tiedBytes : 0);
  const of = (node: number, interval: LayerInterval | null): number => {
    if (interval === null) return 0;
    const [start, end] = interval;
    const [from, to] = held[node] ?? [0, 0];
    const kept = between(Math.max(start, from), Math.min(end, to));
    const had = [to > from && from === 0, to === layers.length] as const;
    const has = [had[0] || start === 0, had[1] || end === layers.length] as const;
    return between(start, end) - kept + ends(...has) - ends(...had);
  };
  return {
    held,
    largestLayer: layers.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    step: [...layers.map(({ bytes }) => bytes), embeddingBytes, headBytes, tiedBytes].reduce(
      greatestDivisor,
    ),
    of,
    total: (placement) => placement.reduce((sum, interval, node) => sum + of(node, interval), 0),
    most: (placement, rateOf = () => 1) =>
      placement.reduce(
        (most, interval, node) => Math.max(most, of(node, interval) / rateOf(node)),
        0,
      ),
    between,
  };
}

/** Of whole numbers; 0 for others, which have none. */
function greatestDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return 0;
  return b === 0 ? a : greatestDivisor(b, a % b);
}
