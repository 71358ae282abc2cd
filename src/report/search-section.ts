import type { PlacementFile } from "../formats/placement-schema.js";
import { asPicture, type Drawing } from "./chart/drawing.js";
import { drawLineChart, type Series } from "./chart/line-chart.js";
import { columnsAsHtml, figures, type Column } from "./columns.js";
import { formatCount, formatRate, formatSeconds } from "./format-number.js";
import { foldable, type ReportSection } from "./html/page.js";

/** Bounds so far above the answer (a NIC that could carry billions) would flatten everything else. */
const FAR = 4;

/** Best placement and proven bound over the time of a search. Points ascending in seconds, tokens/s. */
export function drawSearch(placements: Series["points"], bounds: Series["points"]): Drawing {
  const best = placements.reduce((most, { y }) => Math.max(most, y), 0);
  const near = bounds.filter(({ y }) => y <= FAR * best);
  return drawLineChart(
    "Best placement and proven bound over the time of the search",
    [
      { name: "proven bound", kind: "steps", best: "least", points: near },
      { name: "best placement", kind: "steps", best: "most", points: placements },
    ],
    {
      x: { label: "seconds", format: formatCount },
      y: { label: "tokens/s", format: formatCount },
    },
  );
}

type SearchEntry = PlacementFile["solve"]["strategies"][number];

const STEP_COLUMNS: readonly Column<SearchEntry>[] = [
  figures("seconds", ({ seconds = 0 }) => seconds, formatSeconds),
  { title: "found by", text: ({ strategy }) => strategy },
  {
    title: "what",
    text: ({ failed, throughput, bound, served }) =>
      failed ??
      (throughput !== undefined
        ? "placement"
        : bound === undefined && served !== undefined
          ? "served, decode tokens/s"
          : "bound"),
    wraps: true,
  },
  figures("tokens/s", ({ throughput, bound, served }) => throughput ?? bound ?? served, formatRate),
];

/** How a search went: where its two lines meet, the placement is proven best. */
export function searchSection({ solve, throughput, upperBound }: PlacementFile): ReportSection {
  const { strategies, seconds: end } = solve;
  const after = ({ seconds = 0 }: SearchEntry): string => `after ${formatSeconds(seconds)} s`;
  const bounds = strategies.flatMap((entry) => {
    const { bound, strategy, seconds: x = 0 } = entry;
    if (bound === undefined) return [];
    return [{ x, y: bound, label: `${strategy}: bound ${formatRate(bound)} ${after(entry)}` }];
  });
  const placements = strategies.flatMap((entry) => {
    const { throughput: y, strategy, seconds: x = 0 } = entry;
    return y === undefined
      ? []
      : [{ x, y, label: `${strategy}: ${formatRate(y)} ${after(entry)}` }];
  });
  const last = Number.isFinite(upperBound) ? [{ x: end, y: upperBound }] : [];
  const chart = drawSearch([...placements, { x: end, y: throughput }], [...bounds, ...last]);
  return {
    title: "How the search went",
    text: "Where the two lines meet, the placement is proven best.",
    body:
      asPicture(chart) +
      foldable("Every step", columnsAsHtml("Steps of the search", STEP_COLUMNS, strategies)),
  };
}
