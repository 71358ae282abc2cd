import type { Cluster } from "../core/cluster.js";
import { caveatsOf } from "../core/estimate-notes.js";
import type { Assumption } from "../core/model.js";
import { printable } from "../core/printable.js";
import type { RelinkedPair } from "../market/bought-file.js";
import type { Purchase } from "../market/purchase.js";
import { drawBarChart } from "./chart/bar-chart.js";
import { asPicture } from "./chart/drawing.js";
import { formatCount, formatDollars, formatPercent, formatRate } from "./format-number.js";
import { columnsAsHtml, figures, type Column } from "./columns.js";
import { renderPage, sentenceList } from "./html/page.js";
import {
  beginSentence,
  caveatsSection,
  originSection,
  placementSections,
  type ReportOrigin,
} from "./plan-report.js";
import { seriesColour } from "./theme.js";
import { explainPurchase, titlePurchase } from "./what-if-purchase.js";

type Bought = NonNullable<Purchase["mix"]>[number];

const MIX_COLUMNS: readonly Column<Bought>[] = [
  { title: "machine", text: ({ machine }) => machine },
  { title: "region", text: ({ region = "" }) => region },
  figures("count", ({ count }) => count, formatCount),
  figures("each $/h", ({ pricePerHour }) => pricePerHour, formatDollars),
  figures("$/h", ({ count, pricePerHour }) => count * pricePerHour, formatDollars),
];

/** What is served stands first where it was simulated. */
function topFigures(purchase: Purchase): readonly { name: string; value: string }[] {
  const { result, mix = [], pricePerHour, gap } = purchase;
  if (purchase.mix === undefined) return [{ name: "Bought", value: "nothing" }];
  const served = result?.served;
  const dollars = result?.costPerMillionOutputTokens;
  return [
    ...(served === undefined
      ? []
      : [{ name: "Served, decode tokens/s", value: formatRate(served.decodeTokensPerSecond) }]),
    {
      name: "Flow, tokens/s",
      value: result === undefined ? "none" : formatRate(result.throughput),
    },
    { name: "Bought, $/h", value: formatDollars(pricePerHour) },
    ...(dollars === undefined
      ? []
      : [{ name: "$ per million output tokens", value: formatDollars(dollars) }]),
    { name: "Gap to the bound on flow", value: formatPercent(gap) },
    { name: "Machines", value: formatCount(mix.reduce((sum, { count }) => sum + count, 0)) },
  ];
}

/** What a purchase rests on beside itself. */
interface PurchaseFacts {
  readonly prices?: { readonly name: string; readonly date: string };
  /** Default those of the cluster. */
  readonly caveats?: readonly Assumption[];
}

/** Whose prices, and of when: a line for terminal and page. */
export function describePrices({ name, date }: NonNullable<PurchaseFacts["prices"]>): string {
  return `prices: ${printable(name)}, as of ${printable(date)}`;
}

/**
 * What to buy as one self-contained HTML page.
 * @param cluster the mix as a cluster; undefined when there is none.
 */
export function renderPurchaseReport(
  purchase: Purchase,
  cluster: Cluster | undefined,
  origin: ReportOrigin,
  relinked: readonly RelinkedPair[] = [],
  { prices, caveats }: PurchaseFacts = {},
): string {
  const { goal, mix = [], result, placement, file: _, ...figures } = purchase;
  const name = (machine: string, region?: string): string =>
    region === undefined ? machine : `${machine} in ${region}`;
  const typeOf = new Map(cluster?.machines.map((machine, index) => [machine.name, index]));
  const bars = mix.map(({ machine, region, count, pricePerHour }, index) => ({
    name: name(machine, region),
    value: count * pricePerHour,
    text: `${formatCount(count)} × ${formatDollars(pricePerHour)} = ${formatDollars(count * pricePerHour)} $/h`,
    colour: seriesColour(typeOf.get(machine) ?? index),
  }));
  const words = [
    ...explainPurchase(purchase, relinked),
    ...(prices === undefined ? [] : [describePrices(prices)]),
  ];
  const title = "Cost by machine type";
  return renderPage({
    title: titlePurchase(purchase),
    lead:
      purchase.capacities === "given"
        ? "The bound counts machines and their NICs and holds for every mix on offer."
        : `The bound counts machines and their NICs, and supposes machines as fast as in ${purchase.reference}: how fast they are depends on the mix.`,
    figures: topFigures(purchase),
    sections: [
      {
        title: "In words",
        body: sentenceList(words.map(beginSentence)),
      },
      ...(mix.length === 0
        ? []
        : [
            {
              title: "What to buy",
              body: asPicture(drawBarChart(title, bars)) + columnsAsHtml("Mix", MIX_COLUMNS, mix),
            },
          ]),
      ...(cluster === undefined || placement === undefined
        ? []
        : placementSections(cluster, placement)),
      ...caveatsSection(caveats ?? (cluster === undefined ? [] : caveatsOf(cluster))),
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
