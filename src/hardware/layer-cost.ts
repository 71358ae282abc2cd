import { layerRuns } from "../core/model.js";
import type { LayerRun, Model } from "../core/model.js";

/** What running one layer costs, per token and per batch. */
export interface LayerCost extends Pick<
  LayerRun,
  | "count"
  | "expertBytes"
  | "expertShare"
  | "attentionFlops"
  | "kvBytesPerToken"
  | "kvWindow"
  | "stateBytes"
  | "cacheHeads"
  | "productBits"
> {
  /** Weights that every batch reads. */
  readonly sharedBytes: number;
  /** Multiply-adds per token, twice the weights it passes. */
  readonly flopsPerToken: number;
}

/** The kinds of layers of a model, each with how many there are. O(runs · kinds). */
export function layerCosts(model: Model): readonly LayerCost[] {
  const kinds = new Map<string, LayerRun>();
  for (const run of layerRuns(model)) {
    const key = JSON.stringify({ ...run, count: 0 });
    kinds.set(key, { ...run, count: run.count + (kinds.get(key)?.count ?? 0) });
  }
  return [...kinds.values()].map(costOfRun);
}

function costOfRun(run: LayerRun): LayerCost {
  return {
    ...run,
    sharedBytes: run.bytes - run.expertBytes,
    flopsPerToken: 2 * run.activeParameters,
  };
}
