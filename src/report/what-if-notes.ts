import type { MarginalValue } from "../market/marginal-value.js";
import type { LeftOut } from "../market/market.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { describeHurry } from "./in-a-hurry.js";
import { describeLeftOut } from "./left-out.js";
import { describeUnlinkedRows } from "./unlinked-nodes.js";
import { describeUnsimulated } from "./what-if-table.js";

/** What is to be known of rows beside their figures, a line each: terminal and page say the same. */
export function describeRows(
  results: readonly ScenarioResult[],
  marginal: readonly MarginalValue[] = [],
  leftOut: readonly LeftOut[] = [],
): readonly string[] {
  return [
    ...describeUnsimulated(results),
    ...describeUnlinkedRows(results),
    ...describeLeftOut(leftOut),
    ...describeHurry([
      ...results.map(({ name, served, termination }) => ({ name, served, termination })),
      ...marginal.map(({ what, change, served }) => ({ name: `one ${change}: ${what}`, served })),
    ]),
  ];
}
