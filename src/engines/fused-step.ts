import type { Curves } from "../core/capacity.js";
import { createLayerTime } from "./timing.js";

/** Seconds of one layer for a batch of so many prompt tokens and decodes. */
export type FusedLayerTime = (promptTokens: number, decodes: number) => number;

/**
 * One pass over a layer for prompts and decodes together. The products of all tokens are made at once,
 * so weights are read once: the prompt curve at p + d tokens. What a decode costs beyond that is the
 * reading of its KV: the decode curve less the prompt curve at d. With no prompts that is the decode
 * curve, with no decodes the prompt curve.
 */
export function createFusedLayerTime(
  { promptSeconds, decodeSeconds }: Curves,
  overheadSeconds: number,
): FusedLayerTime {
  const together = createLayerTime(promptSeconds);
  const decode = createLayerTime(decodeSeconds);
  return (promptTokens, decodes) =>
    together(promptTokens + decodes) +
    Math.max(0, decode(decodes) - together(decodes)) +
    overheadSeconds;
}
