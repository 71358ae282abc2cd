import { caveatsOf } from "../core/estimate-notes.js";
import { printable, printableData } from "../core/printable.js";
import { largest, smallest } from "../core/extremes.js";
import type { Cluster } from "../core/cluster.js";
import { describeEngineChoice } from "../core/engine-choice.js";
import { engineOfPlacement } from "../formats/read-engine.js";
import type { SimulationMetrics } from "../serving/simulate/result.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { describeCaveats } from "./assumptions.js";
import { formatPercent, formatRate } from "./format-number.js";
import { groupNodes } from "./group-nodes.js";
import { describeLooseCards } from "./loose-cards.js";
import { countRequests, describeCarried } from "./plan-carried.js";
import { formatTable } from "./table.js";
import { describeUnlinked } from "./unlinked-nodes.js";
import { PLAIN, type TextStyle } from "./text-style.js";

/** Most node ids named in one table cell. */
const MOST_NAMES = 4;

/** A placement for people: the figures, what binds, and who holds which layers. */
export function summarizePlan(
  cluster: Cluster,
  placement: PlacementFile,
  style: TextStyle = PLAIN,
): string {
  const lines = explainPlan(cluster, placement);
  return [...lines, "", formatGroups(cluster, placement, style)].join("\n");
}

/** All that is said of a plan in words, a line each: terminal and page say the same. */
export function explainPlan(cluster: Cluster, placement: PlacementFile): readonly string[] {
  const file = printableData(placement);
  const { served } = file;
  const lines = [
    ...describeCarried(cluster, file),
    `  proven bound ${served === undefined ? "" : "on flow "}${formatRate(file.upperBound)} (${file.bound}), gap ${formatPercent(file.gap)}: ${file.status}; ${describeEnd(file)}`,
    `  bottleneck: ${describeBottleneck(file)}`,
    `  ${describeDepth(file)}`,
    ...describeLooseCards(cluster),
    ...describeUnlinked(cluster),
  ];
  lines.push(...describeEngineOf(cluster, placement));
  lines.push(...describeSurvival(file));
  if (file.latency !== undefined) lines.push(`  ${describeLatency(file.latency)}`);
  if (file.estimate !== undefined) lines.push(`  ${describeService(file.estimate)}`);
  for (const line of describeCaveats(placement.assumptions ?? caveatsOf(cluster)))
    lines.push(`  ${line}`);
  lines.push(...describeStarvation(file.solve), ...describeFailures(file.solve.strategies));
  return lines;
}

/** What ended the search. Where that is a gap, it is that of the search for flow: what serves more may carry less. */
function describeEnd({ termination, status, served, solve }: PlacementFile): string {
  const seconds = `${solve.seconds.toFixed(1)} s`;
  const cause = termination === "interrupted" ? "an interrupt" : termination;
  return served !== undefined && termination === "gap" && status !== "optimal"
    ? `planned in ${seconds}; the search for flow ended by gap, and this plan, which serves more, carries less`
    : termination === "exhausted"
      ? `ended after ${seconds}, with nothing left to try`
      : `ended by ${cause} after ${seconds}`;
}

/** What the worst loss leaves, and what it costs that it does. */
function describeSurvival({ constraints, survival, throughput }: PlacementFile): readonly string[] {
  const rule = constraints?.survive;
  if (survival === undefined || rule === undefined) return [];
  const { worst, without } = survival;
  const machines =
    rule.losses === 1 ? "any machine lost leaves" : `any ${rule.losses} machines lost leave`;
  const cost =
    without === undefined
      ? ""
      : `; without that rule ${formatRate(without.throughput)} tokens/s: it costs ${formatPercent(Math.max(0, 1 - throughput / without.throughput))}`;
  return [
    `  ${machines} at least ${formatPercent(rule.floor)}: the worst loss (${worst.lost.join(", ")}) leaves ${formatRate(worst.throughput)} tokens/s, ${formatPercent(worst.throughput / throughput)}, with new routes and nothing loaded${cost}`,
  ];
}

function describeStarvation({ processorShare }: PlacementFile["solve"]): readonly string[] {
  if (processorShare === undefined) return [];
  const share = Math.round(100 * processorShare);
  return [
    `  the machine was busy: the search got ${share} % of the processor time its threads asked for; more time or a quiet machine may find more`,
  ];
}

/** What broke off with an error while the search went on. */
export function describeFailures(entries: PlacementFile["solve"]["strategies"]): readonly string[] {
  return entries
    .filter(({ failed }) => failed !== undefined)
    .map(
      ({ strategy, failed }) =>
        `  "${strategy}" broke off with an error of ours, the rest went on (please report it): ${printable(failed!)}`,
    );
}

/** What the plan was made for, and who said so. */
function describeEngineOf({ engine }: Cluster, file: PlacementFile): readonly string[] {
  const whole = engineOfPlacement(file);
  if (whole === undefined) return [];
  const known = engine?.name === whole.name ? engine.from : "asked for";
  // A size that was chosen has a line of its own.
  const chosen = file.served?.engineStep !== undefined;
  const { batchTokens, ...others } = whole;
  const planned = chosen || batchTokens === undefined ? others : { ...others, batchTokens };
  const from =
    chosen && planned.maxSequences === undefined ? known.replace(/, set as asked$/, "") : known;
  const survives = file.constraints?.survive !== undefined;
  const objective = `${file.objective}${survives ? ", as what losses leave is counted by it (--survive)" : ""}`;
  const choices =
    file.objective === "flow"
      ? "--engine NAME chooses"
      : "--engine NAME and --objective flow choose";
  const remedy = from.startsWith("the default")
    ? `; objective ${objective} (${choices} otherwise)`
    : `; objective ${objective}`;
  return [`  ${printable(describeEngineChoice({ ...planned, from }))}${remedy}`];
}

function describeService(estimate: NonNullable<PlacementFile["estimate"]>): string {
  const { decodeThroughput, promptLatency, decodeLatency, concurrency, method } = estimate;
  const how = method === undefined ? "" : ` (${method})`;
  return `serves ${formatRate(decodeThroughput)} decode tokens/s to ${countRequests(concurrency)} at a time; mean TTFT ${promptLatency.toFixed(2)} s, TPOT ${decodeLatency.toFixed(3)} s${how}`;
}

function describeLatency({
  secondsPerToken,
  bound,
}: NonNullable<PlacementFile["latency"]>): string {
  const proof =
    bound >= secondsPerToken * (1 - 1e-9)
      ? "no pipeline is quicker"
      : `no pipeline takes less than ${(1000 * bound).toFixed(2)} ms`;
  return `one user alone waits ${(1000 * secondsPerToken).toFixed(2)} ms for each output token of a request of mean lengths; ${proof}`;
}

type Latency = Pick<SimulationMetrics["timeToFirstToken"], "mean" | "p95">;

/** The figures of a placement that limits look at. */
export interface ServedFigures {
  readonly decodeTokensPerSecond: number;
  readonly timeToFirstToken: Latency;
  readonly timePerOutputToken: Latency;
}

/** What came nearest to limits that nothing found keeps, and under what load; what ended the search may leave open whether there is more to find. */
export function describeMissedLimits(
  nearest: ServedFigures,
  at: "full load" | "light load" | number,
  left?: "interrupted" | "out of time",
): string {
  const { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken } = nearest;
  const seconds = ({ mean, p95 }: Latency): string =>
    `${mean.toFixed(3)} s (p95 ${p95.toFixed(3)} s)`;
  const arriving =
    at === "light load"
      ? "with a hundredth of full load arriving"
      : typeof at === "number" && `with ${formatRate(at)} tokens/s arriving`;
  const figures = `serves ${formatRate(decodeTokensPerSecond)} decode tokens/s with TTFT ${seconds(timeToFirstToken)} and TPOT ${seconds(timePerOutputToken)}`;
  if (left !== undefined) {
    const [why, remedy] =
      left === "interrupted"
        ? ["Interrupted", ""]
        : ["Out of time", " Give the search more time (--time-limit)."];
    return `${why} before a placement and a rate were found that keep these limits; nothing was written. The nearest so far ${figures}, ${arriving || "at full load"}.${remedy}`;
  }
  const load =
    at === "full load"
      ? " at full load"
      : at === "light load"
        ? `, even ${arriving}`
        : ` at a rate of arrivals that holds; ${arriving}`;
  return `No placement found keeps these limits${load}. The nearest ${figures}. Loosen the limits to that, or see "helix-place pareto" for what can be had.`;
}

/** The minimum cut in a few words. */
export function describeBottleneck(file: PlacementFile): string {
  const shown = file.bottleneck.slice(0, MOST_NAMES).map((arc) => {
    const what =
      arc.kind === "link" ? `link ${arc.from} → ${arc.to}` : `${arc.kind} of ${arc.node}`;
    return `${what} (${formatRate(arc.capacity)})`;
  });
  const rest = file.bottleneck.length - shown.length;
  return shown.join(" + ") + (rest > 0 ? ` + ${rest} more` : "");
}

function describeDepth(file: PlacementFile): string {
  const depths = file.pipelines.map((pipeline) => pipeline.stages.length);
  const least = smallest(depths);
  const most = largest(depths);
  const stages = least === most ? `${most}` : `${least} to ${most}`;
  const count = file.pipelines.length;
  return `${count} ${count === 1 ? "pipeline" : "pipelines"} of ${stages} ${most === 1 ? "stage" : "stages"}`;
}

/** Nodes of one machine type with the same layers share a row. */
function formatGroups(cluster: Cluster, file: PlacementFile, style: TextStyle): string {
  const full = new Set(file.bottleneck.flatMap((arc) => (arc.kind === "link" ? [] : [arc.node])));
  const groups = groupNodes(cluster, file);
  const rows = groups.map((group) => [
    group.layers === null ? "–" : `[${group.layers[0]}, ${group.layers[1]})`,
    `${group.ids.length} × ${cluster.machines[group.machine]!.name}`,
    formatRate(group.capacity),
    formatRate(group.flow),
    group.capacity === 0 ? "–" : `${Math.round((100 * group.flow) / group.capacity)} %`,
    listNames(group.ids),
  ]);
  return formatTable(
    [
      { title: "layers" },
      { title: "nodes" },
      { title: "capacity", align: "right" },
      { title: "flow", align: "right" },
      { title: "used", align: "right" },
      { title: "which" },
    ],
    rows,
    style,
    groups.map(({ ids }) => (ids.some((id) => full.has(id)) ? "bottleneck" : undefined)),
  );
}

function listNames(ids: readonly string[]): string {
  const shown = ids.slice(0, MOST_NAMES).join(" ");
  return ids.length > MOST_NAMES ? `${shown} … (${ids.length})` : shown;
}
