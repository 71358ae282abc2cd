import type { MarginalTrial } from "./marginal-trials.js";
import type { MarginalValue } from "./marginal-value.js";
import type { PlannedScenario } from "./scenario.js";

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
export function costOf({
  trial: { pricePerHour },
}: PlannedTrial): Pick<MarginalValue, "costPerHour"> {
  return pricePerHour === undefined ? {} : { costPerHour: pricePerHour };
}
