import { printable } from "../core/printable.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { Purchase } from "../market/purchase.js";
import { formatPercent } from "./format-number.js";
import { isRateCut, SURE } from "./plan-carried.js";

type Served = PlacementFile["served"];

/** What there was no time for in the plans of a comparison: why its rows may differ beside by their machines. */
export function describeHurry(
  rows: readonly {
    readonly name: string;
    readonly served?: Served;
    readonly termination?: PlacementFile["termination"] | undefined;
  }[],
): readonly string[] {
  const cut = rows.filter(({ served }) => served?.stepsUntried !== undefined);
  const unsure = rows.filter(({ served }) => shareUnsure(served) > SURE);
  const late = rows.filter(isRateCut);
  const list = (some: typeof rows): string =>
    some.length > 1 && some.length === rows.length
      ? "all rows"
      : some.map(({ name }) => name).join(", ");
  return [
    ...(cut.length === 0
      ? []
      : [
          `time was up before every smaller size of a step had a plan, and one of them may serve more: ${list(cut)}; compare these rows after more time (--time-limit)`,
        ]),
    ...(late.length === 0
      ? []
      : [
          `out of time before all rates and placements were tried: ${list(late)}; more arriving may keep the limits (--time-limit)`,
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
  const { served, termination } = result ?? {};
  const bought = { name: "what is bought", termination, ...(served && { served }) };
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
