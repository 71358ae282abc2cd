import type { ScenarioResult } from "./scenario-result.js";

/**
 * A result with the price of its output tokens at a share of full load: machines cost the same when they wait, so a
 * token costs as many times as much as the share goes into one. As it is where no price or nothing served is known.
 * @param load of what is served, above 0 and at most 1
 */
export function atLoad(result: ScenarioResult, load: number | undefined): ScenarioResult {
  const { costPerMillionOutputTokens: full } = result;
  if (load === undefined || full === undefined) return result;
  return { ...result, atLoad: { load, costPerMillionOutputTokens: full / load } };
}
