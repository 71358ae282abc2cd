import type { Capacity, IntervalCapacity } from "./capacity.js";
import type { LayerInterval } from "./placement.js";

/** Whether a machine can hold these layers. O(1). */
export function holdsLayers({ byInterval, maxLayers }: Capacity, interval: LayerInterval): boolean {
  const [start, end] = interval;
  return end - start <= (byInterval === undefined ? maxLayers : (byInterval.mostFrom[start] ?? 0));
}

/** Tokens/s of a machine that holds these layers; 0 where it cannot. O(1). */
export function rateOfLayers(capacity: Capacity, interval: LayerInterval): number {
  const [start, end] = interval;
  const { byInterval } = capacity;
  const rates =
    byInterval === undefined
      ? capacity
      : { tokensPerSecond: byInterval.tokensPerSecond[start] ?? [] };
  return rates.tokensPerSecond[end - start - 1] ?? 0;
}

/** Tokens whose KV fits beside these layers; undefined where nothing is known of the cache. O(1). */
export function kvTokensOfLayers(capacity: Capacity, interval: LayerInterval): number | undefined {
  const [start, end] = interval;
  const { byInterval } = capacity;
  return (byInterval === undefined ? capacity.kvCacheTokens : byInterval.kvCacheTokens[start])?.[
    end - start - 1
  ];
}

/** Most layers of any interval that a machine can hold. */
export function mostLayersOf({ byInterval, maxLayers }: Capacity): number {
  return byInterval === undefined
    ? maxLayers
    : byInterval.mostFrom.reduce((a, b) => Math.max(a, b), 0);
}

/**
 * What the machine could do with k layers wherever it held them, at best: every interval does at most
 * that, so what is proven of such machines holds for the true ones. O(L · K).
 */
export function bestCase(capacity: Capacity): Capacity {
  const { byInterval } = capacity;
  if (byInterval === undefined) return capacity;
  const tokensPerSecond = envelope(byInterval.tokensPerSecond, Math.max);
  // More layers never do better than fewer.
  for (let k = tokensPerSecond.length - 2; k >= 0; k--)
    tokensPerSecond[k] = Math.max(tokensPerSecond[k]!, tokensPerSecond[k + 1]!);
  return {
    ...worstCase(capacity),
    maxLayers: tokensPerSecond.length,
    tokensPerSecond,
    kvCacheTokens: envelope(byInterval.kvCacheTokens, Math.max),
  };
}

/** The machine by its plain figures alone: what it can do with k layers wherever it holds them. */
export function worstCase(capacity: Capacity): Capacity {
  const { byInterval, ...plain } = capacity;
  return byInterval === undefined ? capacity : plain;
}

/**
 * Figures by interval, and plain ones that hold wherever k layers lie.
 * @param mostFrom never falls by more than one from a start to the next: what fits, fits without its first layer.
 */
export function capacityByInterval(
  byInterval: IntervalCapacity,
): Pick<Capacity, "maxLayers" | "tokensPerSecond" | "kvCacheTokens" | "byInterval"> {
  const layers = byInterval.mostFrom.length;
  let everywhere = 0;
  const fits = (k: number): boolean =>
    byInterval.mostFrom.every((most, start) => start + k > layers || most >= k);
  while (everywhere < layers && fits(everywhere + 1)) everywhere++;
  const least = (rows: readonly (readonly number[])[]): number[] => {
    const figures = Array.from({ length: everywhere }, (_, at) =>
      rows.reduce(
        (low, row, start) => (start + at < layers ? Math.min(low, row[at]!) : low),
        Infinity,
      ),
    );
    for (let k = 1; k < everywhere; k++) figures[k] = Math.min(figures[k]!, figures[k - 1]!);
    return figures;
  };
  return {
    maxLayers: everywhere,
    tokensPerSecond: least(byInterval.tokensPerSecond),
    kvCacheTokens: least(byInterval.kvCacheTokens),
    byInterval,
  };
}

function envelope(
  rows: readonly (readonly number[])[],
  choose: (a: number, b: number) => number,
): number[] {
  const figures: number[] = [];
  for (const row of rows)
    row.forEach(
      (value, at) => (figures[at] = at < figures.length ? choose(figures[at]!, value) : value),
    );
  return figures;
}
