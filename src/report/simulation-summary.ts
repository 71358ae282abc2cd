import { caveatsOf } from "../core/estimate-notes.js";
import { describeCaveats } from "./assumptions.js";
import { printable } from "../core/printable.js";
import { type Cluster } from "../core/cluster.js";
import { describeEngineChoice } from "../core/engine-choice.js";
import type { FoundRate } from "../serving/served/find-rate.js";
import type { Distribution } from "../serving/simulate/histogram.js";
import { queueGrowth } from "../serving/simulate/queue-growth.js";
import type { ChangeRun } from "../serving/simulate/result.js";
import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import { columnsAsText } from "./columns.js";
import { formatRate, formatSeconds } from "./format-number.js";
import { describeLatencyIntervals } from "./latency-intervals.js";
import { describeOtherRequests } from "./other-requests.js";
import { simulatedNodeColumns } from "./simulated-node-columns.js";
import { formatTable } from "./table.js";
import { PLAIN, type TextStyle } from "./text-style.js";

/** Which limit turned requests away, and what to do about it. */
export function describeRejected({
  requests: { rejected },
  promptLimit: limit,
}: Pick<SimulationReport["result"], "requests" | "promptLimit">): readonly string[] {
  if (rejected === 0) return [];
  const most = Math.floor(limit?.tokens ?? 0);
  if (limit?.by === "own-slot")
    return [
      `Rejected requests are longer than ${most} tokens, the share of the KV cache that each request under way has under this engine. Fewer at a time have more each: --max-sequences.`,
    ];
  return [
    limit?.by === "prompt-slot"
      ? `Rejected requests are longer than ${most} tokens, the most that a prompt batch of the engine Helix takes on any route. Other engines take them alone or in chunks: plan with --engine vllm, say.`
      : `Rejected requests, or what they had grown to, find no room in the KV caches of any route, which hold ${most} tokens at most. Hold fewer layers per node, or add memory.`,
  ];
}

/** Requests/s by which more arrive than are served; 0 where load is kept up with, or nothing arrives by itself. */
export function growthOf({
  traffic,
  result,
}: Pick<SimulationReport, "traffic" | "result">): number {
  return traffic === "online" ? queueGrowth(result) : 0;
}

function describeOverload(report: Pick<SimulationReport, "traffic" | "result">): readonly string[] {
  const growth = growthOf(report);
  if (growth === 0) return [];
  return [
    `Overloaded: the queue grows by ${growth.toFixed(2)} requests/s, so latencies grow with the length of the run.`,
  ];
}

/** So many requests tell the mean of their lengths to a few percent. */
const ENOUGH_REQUESTS = 1000;
/** A run that may have left requests out. */
function describeSelection(
  { workload }: Cluster,
  { traffic, workload: name, result }: SimulationReport,
): readonly string[] {
  const { finished, refusals } = result.requests;
  if (traffic !== "offline" || refusals === 0 || finished < ENOUGH_REQUESTS) return [];
  return describeOtherRequests(workload, result, name === workload.name ? undefined : name);
}

/** Machines carry other tokens/s of longer requests: a flow of theirs is not the one that a plan has. */
export function describeLengths(
  { workload }: Pick<Cluster, "workload">,
  { traffic, workload: name }: Pick<SimulationReport, "traffic" | "workload">,
): readonly string[] {
  if (traffic !== "trace" && name === workload.name) return [];
  return [
    `Flow here is that of requests as long as ${traffic === "trace" ? "those of the trace" : `those of ${name}`}; plans have that of the cluster's workload, ${workload.name}.`,
  ];
}

/** What is to be known of a run beside its figures: more load than is served, the engine and who chose it, requests turned away. */
export function explainRun(cluster: Cluster, report: SimulationReport): readonly string[] {
  return [
    ...describeOverload(report),
    ...describeEngineOf(cluster, report.engine),
    ...describeLengths(cluster, report),
    ...describeRejected(report.result),
    ...describeSelection(cluster, report),
  ];
}

/** The rate found, in a sentence; limits as they were given. */
export function describeFoundRate(found: FoundRate): string {
  const { tokensPerSecond, uncertainty, kept, seeds, report } = found;
  if (tokensPerSecond === 0) {
    return `Goodput: none. Even a hundredth of full load breaks the limits.`;
  }
  const { arrived } = report.result.requests;
  const perSecond = arrived / report.result.window.endSeconds;
  return `Goodput: ${formatRate(tokensPerSecond)} ± ${formatRate(uncertainty)} tokens/s arriving, ${perSecond.toFixed(2)} requests/s: there runs keep the limits as often as not, ${kept} of ${seeds} fresh ones did. One of them:`;
}

/** A run of nodes goes on until all is served: "0 waiting" stood beside a queue that grows to the end of the window. */
function describeAfterwards({ requests, samples }: SimulationReport["result"]): string {
  const { inFlight = 0, waitingOutside = 0 } = samples.at(-1) ?? {};
  const open = inFlight + waitingOutside;
  const drained = open > 0 && requests.inFlight + requests.waiting === 0;
  return drained ? ` (${open} of them after the window)` : "";
}

/** A run in words and tables: throughput, latencies, requests, nodes. */
export function summarizeSimulation(
  cluster: Cluster,
  { result, ...facts }: SimulationReport,
  style: TextStyle = PLAIN,
): string {
  const { arrived, finished, rejected, inFlight, waiting, preemptions, refusals } = result.requests;
  const deviation = Number.isFinite(result.decodeConfidence)
    ? ` ± ${formatRate(result.decodeConfidence)}`
    : "";
  return [
    ...describeOverload({ ...facts, result }),
    `${describeWindow({ ...facts, result })}, ${facts.scheduler} scheduler, ${facts.batching} batching, seed ${facts.seed}.`,
    ...describeEngineOf(cluster, facts.engine),
    `Decode ${formatRate(result.decodeTokensPerSecond)}${deviation} tokens/s, prompt ${formatRate(result.promptTokensPerSecond)} tokens/s; the flow of this placement is ${formatRate(facts.flow)} tokens/s.`,
    ...describeLengths(cluster, facts),
    `Requests in the whole run: ${arrived} arrived, ${finished} finished${describeAfterwards(result)}, ${rejected} rejected, ${inFlight} under way, ${waiting} waiting; ${preemptions} preemptions, ${refusals} refusals by the router.`,
    ...(result.change === undefined ? [] : [describeChangeRun(result.change, style)]),
    ...describeRejected(result),
    ...describeSelection(cluster, { ...facts, result }),
    ...describeCaveats(caveatsOf(cluster)).map((line) => `${line}.`),
    `Under way on average ${result.meanInFlight.toFixed(1)}, through ${result.meanStages.toFixed(1)} stages.`,
    "",
    formatTable(
      [
        { title: "seconds" },
        ...["mean", "p5", "p50", "p95", "p99", "max"].map((title) => ({
          title,
          align: "right" as const,
        })),
      ],
      [
        latencyRow("time to first token", result.timeToFirstToken),
        latencyRow("time per output token", result.timePerOutputToken),
        latencyRow("whole request", result.requestSeconds),
      ],
      style,
    ),
    ...describeLatencyIntervals(result),
    "",
    columnsAsText(simulatedNodeColumns(cluster), result.nodes, style),
  ].join("\n");
}

/** What became of a change under load. */
function describeChangeRun({ steps, complete }: ChangeRun, style: TextStyle): string {
  const recomputed = steps.reduce((sum, step) => sum + step.recomputed, 0);
  const done = steps.filter(({ endSeconds }) => endSeconds < Infinity);
  const rows = done.map(
    ({ startSeconds, emptySeconds, endSeconds, underWay, recomputed: again }, at) => [
      String(at + 1),
      startSeconds.toFixed(1),
      emptySeconds.toFixed(1),
      endSeconds.toFixed(1),
      String(underWay),
      String(again),
    ],
  );
  return [
    `The change: ${complete ? "done" : `only ${done.length} of ${steps.length} steps done`} at ${(done.at(-1)?.endSeconds ?? 0).toFixed(1)} s; ${recomputed} requests under way were computed again on other nodes.`,
    "",
    formatTable(
      [
        "step",
        "starts",
        "nodes empty",
        "nodes back",
        "requests on its nodes",
        "computed again",
      ].map((title) => ({ title, align: "right" as const })),
      rows,
      style,
    ),
    "",
  ].join("\n");
}

/** What ran it, and who said so; nothing where nobody chose. */
function describeEngineOf(
  { engine }: Cluster,
  name: SimulationReport["engine"],
): readonly string[] {
  if (engine?.name === name) return [printable(sentence(describeEngineChoice(engine)))];
  return name === "helix" ? [] : [`Engine ${name}.`];
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function latencyRow(name: string, { mean, p5, p50, p95, p99, max }: Distribution): string[] {
  return [name, ...[mean, p5, p50, p95, p99, max].map(formatSeconds)];
}

function wholeSeconds(seconds: number): string {
  return `${Math.round(seconds)} s`;
}

/** "Simulated 900 s to 2400 s: offline azure-conversation". */
export function describeWindow({
  result: { window },
  ...facts
}: Pick<SimulationReport, "result" | "traffic" | "workload">): string {
  return `Simulated ${wholeSeconds(window.startSeconds)} to ${wholeSeconds(window.endSeconds)}: ${printable(describeTraffic(facts))}`;
}

/** Which requests came: "offline azure-conversation", "requests of a trace". */
function describeTraffic({
  traffic,
  workload,
}: {
  readonly traffic: string;
  readonly workload: string;
}): string {
  return traffic === "trace" ? "requests of a trace" : `${traffic} ${workload}`;
}
