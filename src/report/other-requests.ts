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
 * Requests for which not even an empty cluster has room are left out of a run at full load, so shorter ones
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
    `Served are other requests than the workload's, ${served.toFixed(2)} prompt tokens for an output token, not ${asked.toFixed(2)}: those for which not even an empty cluster has room are left out, or the run was too short for the mean. simulate --rate says how many are rejected.`,
  ];
}
