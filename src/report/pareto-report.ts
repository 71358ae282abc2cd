import type { Cluster } from "../core/cluster.js";
import { renderTable } from "./html/html-table.js";
import { renderPage, scrollable } from "./html/page.js";
import { drawFrontChart, type FrontPoint } from "./pareto-front.js";
import { estimatesSection, originSection, type ReportOrigin } from "./plan-report.js";

/** The front between throughput and latency as one self-contained HTML page. */
export function renderParetoReport(
  cluster: Cluster,
  points: readonly FrontPoint[],
  origin: ReportOrigin,
): string {
  const [most] = points;
  const title = "Latency over throughput";
  return renderPage({
    title: `Throughput against latency: ${cluster.name}`,
    lead: `${points.length} placements; none is beaten by another in throughput and both latencies at once.`,
    figures:
      most === undefined
        ? []
        : [
            { name: "Most decode tokens/s", value: most.decodeTokensPerSecond.toFixed(1) },
            { name: "its first token, mean", value: `${most.timeToFirstToken.mean.toFixed(2)} s` },
            { name: "its tokens, mean", value: `${most.timePerOutputToken.mean.toFixed(2)} s` },
          ],
    sections: [
      {
        title,
        text: "Every placement stands twice: by the mean time to the first token and by the mean time per output token.",
        body: scrollable(title, drawFrontChart(cluster.name, points)),
      },
      {
        title: "Placements",
        body: renderTable(
          "Placements",
          [
            { title: "placement", numeric: true },
            { title: "decode/s", numeric: true },
            { title: "TTFT mean, s", numeric: true },
            { title: "TTFT p95, s", numeric: true },
            { title: "TPOT mean, s", numeric: true },
            { title: "TPOT p95, s", numeric: true },
            { title: "stages", numeric: true },
            { title: "flow", numeric: true },
          ],
          points.map((point, index) =>
            [
              index + 1,
              point.decodeTokensPerSecond,
              point.timeToFirstToken.mean,
              point.timeToFirstToken.p95,
              point.timePerOutputToken.mean,
              point.timePerOutputToken.p95,
              point.meanStages,
              point.flow,
            ].map((value, column) => ({
              text: column === 0 ? String(value) : value.toFixed(column < 2 ? 1 : 2),
              value,
            })),
          ),
        ),
      },
      ...estimatesSection(cluster),
      originSection(origin),
    ],
    data: points,
  });
}
