import { printable } from "../core/printable.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { Purchase } from "../market/purchase.js";
import { formatPercent } from "./format-number.js";
import { SURE } from "./plan-carried.js";

type Served = PlacementFile["served"];

/** What there was no time for in the plans of a comparison: why its rows may differ beside by their machines. */
export function describeHurry(
  rows: readonly { readonly name: string; readonly served?: Served }[],
): readonly string[] {
  const cut = rows.filter(({ served }) => served?.stepsUntried !== undefined);
  const unsure = rows.filter(({ served }) => shareUnsure(served) > SURE);
  const all = cut.length > 1 && cut.length === rows.length;
  return [
    ...(cut.length === 0
      ? []
      : [
          `out of time before smaller steps, with which more may be served, were all tried: ${all ? "all rows" : cut.map(({ name }) => name).join(", ")}; compare these after more time (--time-limit)`,
        ]),
    ...(unsure.length === 0
      ? []
      : [
          `what is served is known to no more than: ${unsure.map(({ name, served }) => `${name} ± ${formatPercent(shareUnsure(served))}`).join(", ")}`,
        ]),
  ].map(printable);
}

/** The same of a purchase and of what stands beside it, which has but a share of the time. */
export function describePurchaseHurry({ result, beside = [] }: Purchase): readonly string[] {
  const bought = { name: "what is bought", ...(result?.served && { served: result.served }) };
  const cut = beside.filter(({ stepsUntried }) => stepsUntried !== undefined);
  const late = beside.filter(({ timeUp }) => timeUp === true);
  const names = (some: typeof beside): string => some.map(({ name }) => name).join(", ");
  return [
    ...describeHurry([bought]),
    ...(late.length === 0
      ? []
      : [
          `beside it, planned in a share of the time that was up: ${names(late)}${cut.length === 0 ? "" : `; smaller steps were not all tried for ${names(cut)}`}: planned for longer these may serve more`,
        ]),
  ];
}

function shareUnsure(served: Served): number {
  return (served?.uncertainty ?? 0) / Math.max(1e-9, served?.decodeTokensPerSecond ?? 0);
}
