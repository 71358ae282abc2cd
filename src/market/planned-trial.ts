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

/** What a row costs, and what of it nothing leads to. */
export function factsOf({
  trial: { pricePerHour },
  planned: {
    result: { unlinked },
  },
}: PlannedTrial): Pick<MarginalValue, "costPerHour" | "unlinked"> {
  return {
    ...(pricePerHour === undefined ? {} : { costPerHour: pricePerHour }),
    ...(unlinked === undefined ? {} : { unlinked }),
  };
}
