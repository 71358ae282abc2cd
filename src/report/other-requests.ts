import type { Workload } from "../core/model.js";
import { chooseLengths } from "../model/choose-lengths.js";

/** Prompt tokens per output token may differ by so much from the workload's without a word. */
const ALIKE = 0.05;

/** What a run at full load has served. */
interface Run {
  readonly promptTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
}

/**
 * Offline the router of Helix refuses requests for which there is no room just then, and these do not come back, so shorter ones
 * are served than were asked for: said where it shows in the prompt tokens that come with an output token.
 * @param name of the lengths, where they are not the workload's.
 */
export function describeOtherRequests(
  workload: Workload,
  { promptTokensPerSecond, decodeTokensPerSecond }: Run,
  name?: string,
): readonly string[] {
  const lengths = chooseLengths(workload, name);
  const asked = lengths.meanPromptTokens / lengths.meanOutputTokens;
  const served = promptTokensPerSecond / decodeTokensPerSecond;
  if (!(Math.abs(served / asked - 1) > ALIKE)) return [];
  return [
    `Served are other requests than the workload's, ${served.toFixed(2)} prompt tokens for an output token, not ${asked.toFixed(2)}: at full load the router takes those for which there is room just then, and longer ones do not come back. With simulate --rate all are served.`,
  ];
}
