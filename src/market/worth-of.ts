import type { ScenarioResult } from "./scenario-result.js";

/** What scenarios are compared by: decode tokens/s served where that was simulated, else the flow. */
export function worthOf({ served, throughput }: ScenarioResult): number {
  return served?.decodeTokensPerSecond ?? throughput;
}
