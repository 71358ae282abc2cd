import type { Lengths } from "../../src/model/lengths.js";

/** Every request alike: what a closed formula can be compared with. */
export function constantLengths(name: string, promptTokens: number, outputTokens: number): Lengths {
  return {
    name,
    meanPromptTokens: promptTokens,
    meanOutputTokens: outputTokens,
    promptTokens: Math.max(1, Math.round(promptTokens)),
    outputTokens: Math.max(0, Math.round(outputTokens)),
    draw: () => undefined,
    createStream: () => () => undefined,
  };
}
