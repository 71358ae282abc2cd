import { layerRuns, type Model } from "../core/model.js";

/**
 * Why attention cannot be split over so many cards, in words that follow "it has …"; undefined where it
 * can, or where the heads are not known. Query heads are divided evenly; heads of the cache are divided
 * or else copied evenly (vLLM, SGLang and TensorRT-LLM alike).
 */
export function refuseDegree(model: Model, cards: number): string | undefined {
  const heads = model.attentionHeads;
  if (heads !== undefined && heads % cards !== 0) {
    return `${heads} attention heads, which ${cards} cards cannot divide evenly`;
  }
  for (const { cacheHeads } of layerRuns(model)) {
    if (cacheHeads === undefined || cacheHeads % cards === 0 || cards % cacheHeads === 0) continue;
    return `${cacheHeads} heads of keys and values, which ${cards} cards can neither divide nor copy evenly`;
  }
  return undefined;
}
