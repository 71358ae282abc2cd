import type { Workload } from "../core/model.js";
import type { ChainBatching } from "./engine.js";

/** Requests that a chain of an engine with fixed slots has under way at most, and tokens of KV for each. */
export interface Slots {
  readonly count: number;
  readonly tokens: number;
}

/**
 * The slots of a chain: as many as there may be requests, but no more than leave each room for some mean ones,
 * since longer ones are ordinary and end where their slot does. Undefined where requests share the KV as they need.
 */
export function slotsOf(
  { maxSequences, slotRequests }: Pick<ChainBatching, "maxSequences" | "slotRequests">,
  kvTokens: number,
  { promptTokens, outputTokens }: Pick<Workload, "promptTokens" | "outputTokens">,
): Slots | undefined {
  if (slotRequests === undefined || !Number.isFinite(kvTokens)) return undefined;
  const each = slotRequests * (promptTokens + outputTokens);
  const count = Math.max(1, Math.min(maxSequences, Math.floor(kvTokens / each)));
  return { count, tokens: Math.floor(kvTokens / count) };
}
