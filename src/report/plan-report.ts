import type { Cluster } from "../core/cluster.js";
import { caveatsOf, ESTIMATED } from "../core/estimate-notes.js";
import type { Assumption } from "../core/model.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { asPicture } from "./chart/drawing.js";
import { columnsAsHtml, type Column } from "./columns.js";
import { describeLoad } from "./describe-load.js";
import { drawFlow } from "./flow-picture.js";
import { formatCount, formatPercent, formatRate, formatSeconds } from "./format-number.js";
import {
  commandLine,
  foldable,
  preformatted,
  renderPage,
  sentenceList,
  type ReportSection,
} from "./html/page.js";
import { drawMachines } from "./machine-picture.js";
import { mapPlacement } from "./placement-map.js";
import { renderPlacedNodes } from "./plan-nodes.js";
import { describeBottleneck, explainPlan } from "./plan-summary.js";
import { searchSection } from "./search-section.js";

/** What stands behind a report besides its result. */
export interface ReportOrigin {
  /** The input file as it was read. */
  readonly input: string;
  /** The command that makes the report again. */
  readonly command: string;
}

/** A plan as one self-contained HTML page. */
export function renderPlanReport(
  cluster: Cluster,
  file: PlacementFile,
  origin: ReportOrigin,
): string {
  const [name = "", ...lines] = explainPlan(cluster, file);
  return renderPage({
    title: `${file.model.name} on ${file.cluster.name}`,
    lead: `${describeServed(file)}${formatRate(file.throughput)} tokens/s of flow; no placement of this cluster carries more than ${formatRate(file.upperBound)} (${file.bound}). The limit is ${describeBottleneck(file)}.`,
    figures: [
      ...servedFigures(file),
      { name: "Flow, tokens/s", value: formatRate(file.throughput) },
      { name: "Proven bound on flow, tokens/s", value: formatRate(file.upperBound) },
      { name: "Gap", value: formatPercent(file.gap) },
      { name: "Status", value: file.status },
      { name: "Nodes with work", value: formatCount(file.nodes.filter((n) => n.flow > 0).length) },
      { name: "Planned in", value: `${formatSeconds(file.solve.seconds)} s` },
    ],
    sections: [
      { title: "In words", body: sentenceList([name, ...lines.map(beginSentence)]) },
      ...placementSections(cluster, file),
      ...assumptionSections(file),
      searchSection(file),
      originSection(origin),
    ],
    data: file,
  });
}

/** A line of the terminal as a sentence of a page. */
export function beginSentence(line: string): string {
  const text = line.trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What users get, where it was simulated. */
function describeServed({ served, engine = "helix" }: PlacementFile): string {
  if (served === undefined) return "";
  const { at, decodeTokensPerSecond, promptTokensPerSecond } = served;
  const kept =
    at === "saturation"
      ? ""
      : `Keeps the limits with up to ${formatRate(at.rate)} tokens/s arriving. `;
  return `${kept}Serves ${formatRate(decodeTokensPerSecond)} decode and ${formatRate(promptTokensPerSecond)} prompt tokens/s under ${engine}, simulated ${describeLoad(served)}. `;
}

function servedFigures({ served }: PlacementFile): readonly { name: string; value: string }[] {
  if (served === undefined) return [];
  const { at, decodeTokensPerSecond, bound, gap } = served;
  // Bounds know nothing of limits, so a distance to one says nothing where there are any.
  if (at !== "saturation")
    return [
      { name: "Keeps the limits with up to, tokens/s arriving", value: formatRate(at.rate) },
      { name: "Served then, decode tokens/s", value: formatRate(decodeTokensPerSecond) },
    ];
  return [
    { name: "Served, decode tokens/s", value: formatRate(decodeTokensPerSecond) },
    ...(bound === undefined
      ? []
      : [{ name: "At most served, decode tokens/s", value: formatRate(bound) }]),
    ...(gap === undefined ? [] : [{ name: "Served below that by", value: formatPercent(gap) }]),
  ];
}

function assumptionSections(file: PlacementFile): readonly ReportSection[] {
  if (file.assumptions === undefined) return [];
  return [
    {
      title: "What was assumed",
      text: "Neither the cluster file nor the model says these things; the figures rest on them.",
      body: columnsAsHtml("What was assumed", ASSUMPTION_COLUMNS, file.assumptions),
    },
  ];
}

/** Map, flow and nodes of a placement: parts that several reports share. */
export function placementSections(cluster: Cluster, file: PlacementFile): readonly ReportSection[] {
  const machines = drawMachines(cluster, file);
  return [
    {
      title: "Flow and bottleneck",
      text: "Boxes are groups of like nodes over the layers they hold, as thick as the flow through them. A thick outline marks the bottleneck.",
      body: asPicture(drawFlow(cluster, file)),
    },
    {
      title: "Who holds which layers",
      text: "The filled part of a bar is the share of the capacity in use.",
      body: asPicture(mapPlacement(cluster, file)),
    },
    ...(machines === undefined
      ? []
      : [
          {
            title: "Cards inside their machines",
            text: "A row is a machine, or several that are alike; a box is the cards that work as one, with the layers that they hold together.",
            body: asPicture(machines),
          },
        ]),
    { title: "Nodes", body: renderPlacedNodes(cluster, file) },
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
  return [{ title, body: columnsAsHtml(title, ASSUMPTION_COLUMNS, caveats) }];
}

const ASSUMPTION_COLUMNS: readonly Column<Assumption>[] = [
  { title: "where", text: ({ where }) => where },
  { title: "what", text: ({ what }) => what, wraps: true },
  { title: "error or effect", text: ({ effect }) => effect, wraps: true },
];

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
