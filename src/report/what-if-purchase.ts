import type { Purchase } from "../whatif/purchase.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import { describeBottleneck, formatDollars } from "./what-if-table.js";

/** What to buy, for people: the mix, what it carries, and what no mix can do. */
export function summarisePurchase(purchase: Purchase): string {
  const { goal, mix, result, bound, gap } = purchase;
  const lines: string[] = [];
  if (goal.kind === "budget") {
    lines.push(`Best mix for ${formatDollars(goal.dollarsPerHour)} $/h`);
  } else lines.push(`Cheapest mix for ${formatRate(goal.tokensPerSecond)} tokens/s`);
  if (mix === undefined || result === undefined) {
    lines.push(describeNothing(purchase));
    return lines.join("\n");
  }
  const proven =
    purchase.capacities === "given" ? "proven" : `proven for T(k) as in ${purchase.reference}`;
  lines.push(
    "",
    mix.length === 0 ? "Nothing needs to be bought: today's machines do it." : tabulateMix(mix),
    "",
    `  bought for ${formatDollars(purchase.pricePerHour)} $/h; all machines ${formatDollars(result.costPerHour)} $/h, ${formatDollars(result.costPerMillionTokens, 3)} $ per million tokens at full flow`,
    `  planned: ${formatRate(result.throughput)} tokens/s (no placement on this mix carries more than ${formatRate(result.upperBound ?? 0)}: ${result.bound ?? "none"})`,
    `  bottleneck: ${describeBottleneck(result.bottleneck)}`,
    goal.kind === "budget"
      ? `  ${proven}: no mix within ${formatDollars(goal.dollarsPerHour)} $/h carries more than ${formatRate(bound)} tokens/s; gap ${formatPercent(gap)}`
      : `  ${proven}: no mix under ${formatDollars(bound)} $/h reaches this; gap ${formatPercent(gap)}`,
    "  the bound counts machines and their NICs; links between machines can only lower what a mix carries",
    ...describeCapacities(purchase),
  );
  return lines.join("\n");
}

function tabulateMix(mix: NonNullable<Purchase["mix"]>): string {
  return formatTable(
    [
      { title: "machines" },
      { title: "region" },
      { title: "each $/h", align: "right" },
      { title: "$/h", align: "right" },
    ],
    mix.map(({ machine, region, count, pricePerHour }) => [
      `${count} × ${machine}`,
      region ?? "",
      formatDollars(pricePerHour),
      formatDollars(count * pricePerHour),
    ]),
  );
}

function describeNothing({ goal, bound }: Purchase): string {
  if (goal.kind === "target") {
    return bound === Infinity
      ? "  none: everything on offer together does not carry that much"
      : `  none found in time; no mix under ${formatDollars(bound)} $/h reaches this`;
  }
  return bound < 1e-3
    ? "  none: no affordable mix holds the model"
    : `  none found in time; no mix within the budget carries more than ${formatRate(bound)} tokens/s`;
}

function describeCapacities({
  goal,
  capacities,
  rounds,
  searchThroughput,
  result,
}: Purchase): readonly string[] {
  if (capacities === "given") return [];
  const lines = [
    `  T(k) depends on the mix: the plan above is for the mix itself, the search held it fixed (${formatRate(searchThroughput)} tokens/s then; ${rounds} ${rounds === 1 ? "round" : "rounds"})`,
  ];
  if (goal.kind === "target" && result!.throughput < goal.tokensPerSecond * (1 - 1e-6)) {
    lines.push(
      "  ATTENTION: with T(k) of this mix itself the target is missed; ask for a little more",
    );
  }
  return lines;
}
