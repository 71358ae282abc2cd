import { smallest } from "../../core/extremes.js";
import type { HopGraph } from "./hop-graph.js";

export interface KvLimits {
  /** Share of a node's KV that expected requests may fill. */
  readonly highWaterMark: number;
  /** A request is expected to hold prompt + outputRatio · meanOutputTokens. */
  readonly outputRatio: number;
  readonly meanOutputTokens: number;
}

/** Expected KV of the requests under way, by node, in token-layers (Helix, section 4.2). */
export interface KvReservation {
  /** Tokens a request with this prompt is expected to hold per layer. */
  expectedTokens(promptTokens: number): number;
  /** Whether an empty cluster has room: some node of every layer that a link leads to would take it. */
  fitsEmpty(expectedTokens: number): boolean;
  /** Whether the node may take it: as if it ran all layers held, below the high-water mark. */
  fits(node: number, expectedTokens: number): boolean;
  reserve(node: number, tokenLayers: number): void;
  release(node: number, tokenLayers: number): void;
  used(node: number): number;
  /**
   * max over layers of 1 − Σ free_i/k_i ÷ Σ total_i/k_i over the nodes i holding the layer that some link leads to: others may be
   * free for ever.
   */
  bottleneckUse(): number;
}

export function createKvReservation(
  graph: HopGraph,
  firstLayer: Int32Array,
  layers: number,
  limits: KvLimits,
): KvReservation {
  const { nodeCount, kvTokenLayers, layersHeld, head } = graph;
  const taking = [...new Set(head)].filter((node) => node >= 0);
  const used = new Float64Array(nodeCount);
  const mark = kvTokenLayers.map((total) => total * limits.highWaterMark);
  const free = new Float64Array(layers);
  const total = new Float64Array(layers);
  const margin = limits.outputRatio * limits.meanOutputTokens;
  const most = new Float64Array(layers);
  for (const node of taking) {
    const start = firstLayer[node]!;
    for (let layer = start; layer < start + layersHeld[node]!; layer += 1)
      most[layer] = Math.max(most[layer]!, mark[node]! / layersHeld[node]!);
  }
  const mostOfAll = smallest(most);

  return {
    expectedTokens: (promptTokens) => Math.floor(promptTokens + margin),
    fitsEmpty: (expectedTokens) => expectedTokens <= mostOfAll,
    fits: (node, expectedTokens) => used[node]! + expectedTokens * layersHeld[node]! <= mark[node]!,
    reserve(node, tokenLayers) {
      used[node]! += tokenLayers;
    },
    release(node, tokenLayers) {
      used[node]! -= tokenLayers;
    },
    used: (node) => used[node]!,
    bottleneckUse() {
      free.fill(0);
      total.fill(0);
      for (const node of taking) {
        const held = layersHeld[node]!;
        const start = firstLayer[node]!;
        for (let layer = start; layer < start + held; layer += 1) {
          free[layer]! += (kvTokenLayers[node]! - used[node]!) / held;
          total[layer]! += kvTokenLayers[node]! / held;
        }
      }
      let worst = 0;
      for (let layer = 0; layer < layers; layer += 1) {
        if (Number.isFinite(total[layer]!))
          worst = Math.max(worst, 1 - free[layer]! / total[layer]!);
      }
      return worst;
    },
  };
}
