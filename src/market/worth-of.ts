import type { ScenarioResult } from "./scenario-result.js";

type Served = NonNullable<ScenarioResult["served"]>;

/** Rates at which limits hold are found in steps of such a share. */
const RATE_STEP = 0.03;

/** Prompt and output tokens/s arriving up to which limits on latency hold; undefined at full load. */
export function limitRateOf(served: ScenarioResult["served"]): number | undefined {
  return served === undefined || served.at === "saturation" ? undefined : served.at.rate;
}

/** What a simulated plan is worth: decode tokens/s at full load, or the rate up to which limits hold. */
export function worthOfServed(served: ScenarioResult["served"]): number {
  return limitRateOf(served) ?? served?.decodeTokensPerSecond ?? 0;
}

/** Half of the 95 % interval of that, or the step of the rates. */
export function noiseOfServed(served: ScenarioResult["served"]): number {
  const rate = limitRateOf(served);
  return rate === undefined ? (served?.uncertainty ?? 0) : RATE_STEP * rate;
}

/** What scenarios are compared by: what is served where that was simulated, else the flow. */
export function worthOf({ served, throughput }: ScenarioResult): number {
  return served === undefined ? throughput : worthOfServed(served);
}

/** Plans that nobody simulated beside plans that somebody did: the flow of the ones is not what the others serve. */
export function listUnsimulated(results: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const planned = results.filter(({ outcome }) => outcome === "planned");
  const without = planned.filter(({ served }) => served === undefined);
  return without.length === planned.length ? [] : without;
}

/** By what rows are put in order: {@link worthOf}, and where that is not one figure for all of them the flow. */
export function commonWorth(
  results: readonly ScenarioResult[],
): (result: ScenarioResult) => number {
  return listUnsimulated(results).length === 0 ? worthOf : ({ throughput }) => throughput;
}

/** The same in words. */
export function unitOfWorth(results: readonly ScenarioResult[]): string {
  const served = results.flatMap((result): readonly Served[] =>
    result.served === undefined ? [] : [result.served],
  );
  if (served.length === 0 || listUnsimulated(results).length > 0) return "tokens/s of flow";
  return served.some((one) => limitRateOf(one) !== undefined)
    ? "tokens/s arriving within the limits"
    : "decode tokens/s served";
}
