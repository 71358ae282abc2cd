import type { MarginalTrial } from "./marginal-trials.js";
import type { MarginalValue } from "./marginal-value.js";
import type { PlannedScenario } from "./scenario.js";
import type { ScenarioResult } from "./scenario-result.js";

/** A row that has been planned. */
export interface PlannedTrial {
  readonly trial: MarginalTrial;
  readonly planned: PlannedScenario;
}

/** Today's plan in the end, and what it is compared with. */
export interface Compared {
  readonly best: PlannedScenario;
  readonly values: readonly MarginalValue[];
}

/** Dollars per hour of what a row is about. */
export function costOf(
  { trial: { kind, pricePerHour }, planned: { result } }: PlannedTrial,
  today: ScenarioResult,
): Pick<MarginalValue, "costPerHour"> {
  if (pricePerHour !== undefined) return { costPerHour: pricePerHour };
  const [now, then] = [today.costPerHour, result.costPerHour];
  if (kind !== "machine" || now === undefined || then === undefined) return {};
  return { costPerHour: Math.abs(then - now) };
}
