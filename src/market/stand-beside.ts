import { reachOf } from "./plan-purchase.js";
import type { Beside, Purchase } from "./purchase.js";
import type { ScenarioResult } from "./scenario-result.js";

/** A purchase as what another stands beside; undefined where it came to nothing. */
export function standBeside(
  name: Beside["name"],
  { mix, result }: Pick<Purchase, "mix" | "result">,
): Beside | undefined {
  return mix === undefined || result === undefined ? undefined : describe(name, result, { mix });
}

/** Today's machines as what a purchase stands beside. */
export function todayBeside(result: ScenarioResult): Beside {
  return describe("today", result, {});
}

function describe(name: Beside["name"], result: ScenarioResult, own: Pick<Beside, "mix">): Beside {
  const { costPerHour, served, termination, outcome, reason, unlinked } = result;
  return {
    name,
    ...own,
    ...(costPerHour === undefined ? {} : { pricePerHour: costPerHour }),
    tokensPerSecond: reachOf(result),
    ...(unlinked === undefined ? {} : { unlinked }),
    // Which limits were missed by how much is a matter of the rate that was tried.
    ...(reason === undefined || outcome === "limits-missed" ? {} : { reason }),
    ...(served === undefined ? {} : { decodeTokensPerSecond: served.decodeTokensPerSecond }),
    ...(served?.stepsUntried === undefined ? {} : { stepsUntried: served.stepsUntried }),
    ...(termination === "time-limit" ? { timeUp: true } : {}),
  };
}
