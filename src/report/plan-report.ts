import type { Cluster } from "../core/cluster.js";
import { caveatsOf, ESTIMATED } from "../core/estimate-notes.js";
import type { Assumption } from "../core/model.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { drawLineChart } from "./chart/line-chart.js";
import { drawFlowPicture } from "./flow-picture.js";
import { formatPercent, formatRate } from "./format-number.js";
import { renderTable, type HtmlCell } from "./html/html-table.js";
import {
  commandLine,
  foldable,
  preformatted,
  renderPage,
  scrollable,
  type ReportSection,
} from "./html/page.js";
import { drawPlacementMap } from "./placement-map.js";
import { describeBottleneck } from "./plan-summary.js";

/** What stands behind a report besides its result. */
export interface ReportOrigin {
  /** The input file as it was read. */
  readonly input: string;
  /** The command that makes the report again. */
  readonly command: string;
}

/** Most nodes in a table of a report. */
const MOST_ROWS = 2000;

/** A plan as one self-contained HTML page. */
export function renderPlanReport(
  cluster: Cluster,
  file: PlacementFile,
  origin: ReportOrigin,
): string {
  return renderPage({
    title: `${file.model.name} on ${file.cluster.name}`,
    lead: `${describeServed(file)}${formatRate(file.throughput)} tokens/s of flow; no placement of this cluster carries more than ${formatRate(file.upperBound)} (${file.bound}). The limit is ${describeBottleneck(file)}.`,
    figures: [
      ...servedFigures(file),
      { name: "Flow, tokens/s", value: formatRate(file.throughput) },
      { name: "Proven bound, tokens/s", value: formatRate(file.upperBound) },
      { name: "Gap", value: formatPercent(file.gap) },
      { name: "Status", value: file.status },
      { name: "Nodes with work", value: String(file.nodes.filter((n) => n.flow > 0).length) },
      { name: "Planned in", value: `${file.solve.seconds.toFixed(1)} s` },
    ],
    sections: [
      ...placementSections(cluster, file),
      ...assumptionSections(file),
      convergenceSection(file),
      originSection(origin),
    ],
    data: file,
  });
}

/** What users get, where it was simulated. */
function describeServed({ served, engine = "helix" }: PlacementFile): string {
  if (served === undefined) return "";
  const { decodeTokensPerSecond, promptTokensPerSecond } = served;
  return `Serves ${formatRate(decodeTokensPerSecond)} decode and ${formatRate(promptTokensPerSecond)} prompt tokens/s under ${engine}, simulated at full load. `;
}

function servedFigures({ served }: PlacementFile): readonly { name: string; value: string }[] {
  if (served === undefined) return [];
  const { decodeTokensPerSecond, bound, gap } = served;
  return [
    { name: "Served, decode tokens/s", value: formatRate(decodeTokensPerSecond) },
    ...(bound === undefined
      ? []
      : [{ name: "At most served, decode tokens/s", value: formatRate(bound) }]),
    ...(gap === undefined ? [] : [{ name: "(bound - served) / bound", value: formatPercent(gap) }]),
  ];
}

function assumptionSections(file: PlacementFile): readonly ReportSection[] {
  if (file.assumptions === undefined) return [];
  return [
    {
      title: "What was assumed",
      text: "Neither the cluster file nor the model says these things; the figures rest on them.",
      body: renderTable(
        "What was assumed",
        [{ title: "what" }, { title: "where" }, { title: "effect" }],
        file.assumptions.map(({ what, where, effect }) => [what, where, effect]),
      ),
    },
  ];
}

/** Map, flow and nodes of a placement: parts that several reports share. */
export function placementSections(cluster: Cluster, file: PlacementFile): readonly ReportSection[] {
  return [
    {
      title: "Flow and bottleneck",
      text: "Boxes are groups of like nodes over the layers they hold, as thick as the flow through them. A thick outline marks the bottleneck.",
      body: scrollable("Flow through the placement", drawFlowPicture(cluster, file)),
    },
    {
      title: "Who holds which layers",
      text: "The filled part of a bar is the share of the capacity in use.",
      body: scrollable("Placement map", drawPlacementMap(cluster, file)),
    },
    { title: "Nodes", body: renderNodes(cluster, file) },
  ];
}

/** What of a report rests on estimates, and how far these may be off, and on assumptions. */
export function estimatesSection(cluster: Cluster): readonly ReportSection[] {
  return caveatsSection(caveatsOf(cluster));
}

/** The same of what results carry; nothing where they rest on the files alone. */
export function caveatsSection(caveats: readonly Assumption[]): readonly ReportSection[] {
  if (caveats.length === 0) return [];
  const title = caveats.every(({ what }) => what === ESTIMATED)
    ? "Estimates"
    : "Estimates and assumptions";
  const table = renderTable(
    title,
    [{ title: "where" }, { title: "what" }, { title: "error or effect", wraps: true }],
    caveats.map(({ where, what, effect }) => [where, what, effect]),
  );
  return [{ title, body: table }];
}

function renderNodes(cluster: Cluster, file: PlacementFile): string {
  const machineOf = new Map(
    cluster.nodes.map((node) => [node.id, cluster.machines[node.machine]!.name]),
  );
  const rows = file.nodes.slice(0, MOST_ROWS).map((node): readonly HtmlCell[] => {
    const used = node.capacity === 0 ? 0 : node.flow / node.capacity;
    return [
      node.id,
      machineOf.get(node.id) ?? "",
      node.layers === null
        ? { text: "–", value: -1 }
        : { text: `[${node.layers[0]}, ${node.layers[1]})`, value: node.layers[0] },
      { text: formatRate(node.capacity), value: node.capacity },
      { text: formatRate(node.flow), value: node.flow },
      { text: formatPercent(used), value: used },
    ];
  });
  const table = renderTable(
    "Nodes",
    [
      { title: "node" },
      { title: "machine" },
      { title: "layers", numeric: true },
      { title: "capacity, tokens/s", numeric: true },
      { title: "flow, tokens/s", numeric: true },
      { title: "used", numeric: true },
    ],
    rows,
  );
  const summary =
    file.nodes.length > MOST_ROWS
      ? `The first ${MOST_ROWS} of ${file.nodes.length} nodes`
      : `All ${file.nodes.length} nodes`;
  return foldable(summary, table);
}

function convergenceSection(file: PlacementFile): ReportSection {
  const entries = file.solve.strategies;
  const throughput = entries.filter((entry) => entry.throughput !== undefined);
  const end = file.solve.seconds;
  // Bounds far above the answer (a NIC that could carry billions) would flatten everything else.
  const bounds = entries.filter(
    (entry) => entry.bound !== undefined && entry.bound < 4 * file.upperBound,
  );
  const rows = entries.map((entry): readonly HtmlCell[] => [
    { text: (entry.seconds ?? 0).toFixed(2), value: entry.seconds ?? 0 },
    entry.strategy,
    entry.failed !== undefined ? "failed" : entry.throughput === undefined ? "bound" : "placement",
    entry.failed ?? cell(entry.throughput ?? entry.bound ?? 0),
  ]);
  const chart = drawLineChart(
    "Best placement and proven bound over the time of the search",
    [
      {
        name: "proven bound",
        kind: "steps",
        points: [
          ...bounds.map((e) => ({
            x: e.seconds ?? 0,
            y: e.bound!,
            label: `${e.strategy}: bound ${formatRate(e.bound!)} after ${(e.seconds ?? 0).toFixed(2)} s`,
          })),
          ...(Number.isFinite(file.upperBound) ? [{ x: end, y: file.upperBound }] : []),
        ],
      },
      {
        name: "best placement",
        kind: "steps",
        points: [
          ...throughput.map((e) => ({
            x: e.seconds ?? 0,
            y: e.throughput!,
            label: `${e.strategy}: ${formatRate(e.throughput!)} after ${(e.seconds ?? 0).toFixed(2)} s`,
          })),
          { x: end, y: file.throughput },
        ],
      },
    ],
    { x: { label: "seconds" }, y: { label: "tokens/s" } },
  );
  const table = renderTable(
    "Steps of the search",
    [
      { title: "seconds", numeric: true },
      { title: "found by" },
      { title: "what" },
      { title: "tokens/s", numeric: true },
    ],
    rows,
  );
  return {
    title: "How the search went",
    text: "Where the two lines meet, the placement is proven best.",
    body: scrollable("Convergence", chart) + foldable("Every step", table),
  };
}

function cell(value: number): HtmlCell {
  return { text: formatRate(value), value };
}

/** Input and command: how to get the same report again. */
export function originSection(origin: ReportOrigin): ReportSection {
  const most = 200_000;
  const input =
    origin.input.length > most
      ? `${origin.input.slice(0, most)}\n… (${origin.input.length} characters in all)`
      : origin.input;
  return {
    title: "How to reproduce this",
    body: commandLine(origin.command) + foldable("The input", preformatted(input)),
  };
}
