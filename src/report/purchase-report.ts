import type { Cluster } from "../core/cluster.js";
import type { RelinkedPair } from "../market/bought-file.js";
import type { Purchase } from "../market/purchase.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { formatPercent, formatRate } from "./format-number.js";
import { renderTable } from "./html/html-table.js";
import { commandLine, renderPage, scrollable } from "./html/page.js";
import {
  estimatesSection,
  originSection,
  placementSections,
  type ReportOrigin,
} from "./plan-report.js";
import { summarisePurchase } from "./what-if-purchase.js";
import { formatDollars } from "./what-if-table.js";

/**
 * What to buy as one self-contained HTML page.
 * @param cluster the mix as a cluster; undefined when there is none.
 */
export function renderPurchaseReport(
  purchase: Purchase,
  cluster: Cluster | undefined,
  origin: ReportOrigin,
  relinked: readonly RelinkedPair[] = [],
): string {
  const { goal, mix = [], result, placement, file: _, ...figures } = purchase;
  const name = (machine: string, region?: string): string =>
    region === undefined ? machine : `${machine} in ${region}`;
  const bars = mix.map(({ machine, region, count, pricePerHour }) => ({
    name: name(machine, region),
    value: count * pricePerHour,
    text: `${count} × ${formatDollars(pricePerHour)} = ${formatDollars(count * pricePerHour)} $/h`,
  }));
  const title = "Cost by machine type";
  const rows = mix.map(({ machine, region, count, pricePerHour }) => [
    machine,
    region ?? "",
    { text: String(count), value: count },
    { text: formatDollars(pricePerHour), value: pricePerHour },
    { text: formatDollars(count * pricePerHour), value: count * pricePerHour },
  ]);
  const columns = [
    { title: "machine" },
    { title: "region" },
    { title: "count", numeric: true },
    { title: "each $/h", numeric: true },
    { title: "$/h", numeric: true },
  ];
  return renderPage({
    title:
      goal.kind === "budget"
        ? `Best mix for ${formatDollars(goal.dollarsPerHour)} $/h`
        : `Cheapest mix for ${formatRate(goal.tokensPerSecond)} tokens/s`,
    lead:
      purchase.capacities === "given"
        ? "The bound counts machines and their NICs and holds for every mix on offer."
        : `The bound counts machines and their NICs, and supposes machines as fast as in ${purchase.reference}: how fast they are depends on the mix.`,
    figures: [
      { name: "Tokens/s", value: result === undefined ? "none" : formatRate(result.throughput) },
      { name: "Bought, $/h", value: formatDollars(purchase.pricePerHour) },
      { name: "Gap to the bound", value: formatPercent(purchase.gap) },
      { name: "Machines", value: String(mix.reduce((sum, { count }) => sum + count, 0)) },
    ],
    sections: [
      { title: "In words", body: commandLine(summarisePurchase(purchase, relinked)) },
      ...(mix.length === 0
        ? []
        : [
            {
              title: "What to buy",
              body:
                scrollable(title, drawBarChart(title, bars)) + renderTable("Mix", columns, rows),
            },
          ]),
      ...(cluster === undefined || placement === undefined
        ? []
        : placementSections(cluster, placement)),
      ...(cluster === undefined ? [] : estimatesSection(cluster)),
      originSection(origin),
    ],
    data: {
      ...figures,
      bound: Number.isFinite(purchase.bound) ? purchase.bound : null,
      goal,
      mix,
      result,
      placement,
    },
  });
}
