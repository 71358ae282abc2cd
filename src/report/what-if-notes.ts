import { printable } from "../core/printable.js";
import type { MarginalValue } from "../market/marginal-value.js";
import type { LeftOut } from "../market/listed-machines.js";
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
  missing: readonly string[] = [],
): readonly string[] {
  const rows = marginal.map((value) => ({ ...value, name: `one ${value.change}: ${value.what}` }));
  return [
    ...describeMissing(missing),
    ...describeUnsimulated(results),
    ...describeUnlinkedRows([...results, ...rows]),
    ...describeLeftOut(leftOut),
    ...describeHurry([
      ...results.map(({ name, served, termination }) => ({ name, served, termination })),
      ...rows,
    ]),
  ];
}

const MOST_NAMED = 12;

/** Rows that are not there, as they were not planned: a table that is cut short looks like a whole one. */
export function describeMissing(missing: readonly string[]): readonly string[] {
  if (missing.length === 0) return [];
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : "";
  return [`not planned: ${missing.slice(0, MOST_NAMED).map(printable).join(", ")}${more}`];
}
