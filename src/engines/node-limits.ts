import { KV_BLOCK_TOKENS, type Capacity } from "../core/capacity.js";
import { HELIX } from "./helix/helix.js";

/** Tokens whose KV fits beside k layers; `Infinity` where the profile says nothing of KV. */
export function kvCapacityTokens(capacity: Capacity, layersHeld: number): number {
  const blocks = capacity.curves?.kvBlocks?.[layersHeld - 1];
  return (
    capacity.kvCacheTokens?.[layersHeld - 1] ??
    (blocks === undefined ? Infinity : blocks * KV_BLOCK_TOKENS)
  );
}

/** Most prompts in one batch; 1 where the profile does not say. */
export function promptBatchRequests(capacity: Capacity, layersHeld: number): number {
  return capacity.curves?.promptMaxRequests?.[layersHeld - 1] ?? 1;
}

/** Most prompt tokens that share one batch; a longer prompt has one to itself. */
export function promptBatchTokens(capacity: Capacity, layersHeld: number): number {
  return promptBatchRequests(capacity, layersHeld) * HELIX.promptSlotTokens;
}

/** Most decodes in one batch; where the profile does not say, the last point of the decode curve. */
export function decodeBatchRequests(capacity: Capacity, layersHeld: number): number {
  const given = capacity.curves?.decodeMaxTokens?.[layersHeld - 1];
  return given ?? capacity.curves?.decodeSeconds.at(-1)?.[0] ?? Infinity;
}
