import type { Cluster } from "../core/cluster.js";
import { caveatsOf } from "../core/estimate-notes.js";
import { asPicture } from "./chart/drawing.js";
import { columnsAsHtml } from "./columns.js";
import { formatRate, formatSeconds } from "./format-number.js";
import { renderPage } from "./html/page.js";
import { drawFrontChart, frontColumns, type FrontPoint } from "./pareto-front.js";
import { caveatsSection, originSection, type ReportOrigin } from "./plan-report.js";

/** What is to be known of a front for which there was no time for all that was to be tried; terminal and page say the same. */
export function describeFrontCuts({
  planCut,
  loadsCut,
}: {
  readonly planCut?: true;
  readonly loadsCut?: true;
}): readonly string[] {
  return [
    ...(planCut === true
      ? [
          "The plan that the front begins with was out of time: with more (--time-limit), as helix-place plan has, more may be served.",
        ]
      : []),
    ...(loadsCut === true
      ? [
          "Not every placement was simulated at all of --loads, as time was up: what is worth having at less than full load may be missing (--time-limit).",
        ]
      : []),
  ];
}

/**
 * The front between throughput and latency as one self-contained HTML page.
 * @param caveats of the machines that its placements have. Default those of the cluster.
 */
export function renderParetoReport(
  cluster: Cluster,
  points: readonly FrontPoint[],
  origin: ReportOrigin,
  caveats = caveatsOf(cluster),
  notes: readonly string[] = [],
): string {
  const [most] = points;
  const loaded = points.some(({ load }) => load !== undefined);
  const mean = (seconds: number): string => `${formatSeconds(seconds)} s`;
  return renderPage({
    title: `Throughput against latency: ${cluster.name}`,
    lead: `${points.length} ${points.length === 1 ? "placement" : loaded ? "placements under loads" : "placements"}; none is beaten by another in throughput and both latencies at once.${notes.map((note) => ` ${note}`).join("")}`,
    figures:
      most === undefined
        ? []
        : [
            { name: "Most decode tokens/s", value: formatRate(most.decodeTokensPerSecond) },
            { name: "Its first token, mean", value: mean(most.timeToFirstToken.mean) },
            { name: "Its tokens, mean", value: mean(most.timePerOutputToken.mean) },
          ],
    sections: [
      {
        title: "Time to the first token over throughput",
        text: "Lower right is better. Numbers are those of the table.",
        body: asPicture(drawFrontChart(points, "timeToFirstToken")),
      },
      {
        title: "Time per output token over throughput",
        text: "Lower right is better.",
        body: asPicture(drawFrontChart(points, "timePerOutputToken")),
      },
      {
        title: "Placements",
        text: "TTFT is the time to the first token, TPOT the time per output token, in seconds.",
        body: columnsAsHtml("Placements", frontColumns(points), points),
      },
      ...caveatsSection(caveats),
      originSection(origin),
    ],
    data: points,
  });
}
