import { reachOf } from "./plan-purchase.js";
import type { Purchase } from "./purchase.js";

/** Whether the mix does what it is for: a target is served, where that was simulated, and limits are kept with it arriving. */
export function reachesGoal({ goal, mix, result, service }: Purchase): boolean {
  if (mix === undefined || (service?.missedBy ?? 0) > 0) return false;
  if (goal.kind === "budget" || goal.limits !== undefined) return true;
  return result?.served === undefined || reachOf(result) >= goal.tokensPerSecond * (1 - 1e-6);
}
