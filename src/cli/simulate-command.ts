import { Option, type Command } from "commander";
import { withEstimateNotes } from "../core/estimate-notes.js";
import type { Cluster } from "../core/cluster.js";
import { openCluster } from "../node/open-files.js";
import { findRate, type FoundRate } from "../serving/served/find-rate.js";
import { limitsLatency, type ServiceLimits } from "../serving/served/limits.js";
import { chooseLengths } from "../model/choose-lengths.js";
import type { SimulationReport } from "../serving/simulate/simulate-placement.js";
import type {
  RecordedTimeline,
  SimulationCrew,
  SimulationJob,
  SimulationOutcome,
} from "../serving/simulate/simulation-job.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { renderSimulationReport } from "../report/simulation-report.js";
import { describeFoundRate, summarizeSimulation } from "../report/simulation-summary.js";
import type { TextStyle } from "../report/text-style.js";
import { SCHEDULERS, type SchedulerName } from "../serving/routing/router.js";
import { partedAs } from "../formats/parted-as.js";
import { placementFor, readPlacementFile } from "../formats/read-placement.js";
import { matchRunning } from "../formats/match-running.js";
import { readChangeFile, resolveChange } from "../formats/read-change.js";
import type { Placement } from "../core/placement.js";
import { doubleNodes, type PlannedChange } from "../serving/simulate/changing-cluster.js";
import { constraintsOf } from "../planner/result/constraints-of.js";
import { askCluster, sayVersion } from "./engine-options.js";
import { numberOption, optionError } from "./options.js";
import type { ProgressStyle } from "./progress.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";
import { addLoadOptions, readLoad, type LoadOptions } from "./simulation-options.js";
import { createSimulationProgress } from "./simulation-progress.js";
import { startSimulations, untilInterrupted } from "./simulation-threads.js";
import { describeCommand, show, styleFor, type CommandContext, type Terminal } from "./terminal.js";

interface SimulateCommandOptions extends LoadOptions {
  readonly scheduler: SchedulerName;
  readonly findRate?: boolean;
  readonly change?: string;
  readonly drainSeconds: number;
  readonly json?: boolean;
  readonly timeline?: string;
  readonly report?: string;
  readonly timelineSeconds: number;
  readonly threads: number;
  readonly progress?: ProgressStyle;
  readonly quiet?: boolean;
}

/** Most bars in a timeline; browsers take about that many. */
const MOST_BARS = 500_000;

/** `helix-place simulate <cluster> <placement>`. */
export function addSimulateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("simulate")
    .description("put a placement under load and report throughput, latencies and queues")
    .argument("<cluster>", "cluster file")
    .argument("<placement>", "placement file, or - for standard input")
    .addOption(
      new Option("--scheduler <name>", "who chooses the next node of a request")
        .choices(SCHEDULERS)
        .default("helix"),
    );
  addPlanningOptions(addLoadOptions(command), "find-rate")
    .addOption(
      new Option(
        "--find-rate",
        "the highest rate of random arrivals at which --max-ttft and --max-tpot hold as often as not, and no queue grows",
      ).conflicts(["rate", "trace", "timeline"]),
    )
    .addOption(
      new Option(
        "--change <file>",
        "change the placement under load, from the end of the warm-up on: a file of replan --steps; the placement is what runs before (with --rate or --trace, and an engine whose nodes form their own batches: --engine helix, petals or parallax)",
      ).conflicts("findRate"),
    )
    .option(
      "--drain-seconds <seconds>",
      "--change: how long requests may finish on nodes that are to stop, before they are computed again on others",
      numberOption({ atLeast: 0 }),
      30,
    )
    .option("--json", "the whole result as JSON")
    .option("--timeline <file>", "write a timeline of all batches (chrome://tracing, Perfetto)")
    .option(
      "--timeline-seconds <seconds>",
      "how much of the window the timeline shows",
      numberOption({ atLeast: 0 }),
      20,
    )
    .option("--report <file>", "the run as one self-contained HTML page")
    .option(
      "--threads <count>",
      "1: in a thread of its own; 0: in the main thread, where an interrupt waits for the end",
      numberOption({ atLeast: 0, below: 2, whole: true }),
      1,
    )
    .addOption(
      new Option(
        "--progress <style>",
        "simulated time on standard error (default: text on a terminal)",
      ).choices(["text", "json", "none"]),
    )
    .option("--quiet", "no progress")
    .action((clusterPath: string, placementPath: string, options: SimulateCommandOptions) =>
      runSimulate(context, [clusterPath, placementPath], options),
    );
}

async function runSimulate(
  context: CommandContext,
  [clusterPath, placementPath]: readonly [string, string],
  options: SimulateCommandOptions,
): Promise<void> {
  const { terminal } = context;
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  for (const path of [options.timeline, options.report]) {
    if (path !== undefined) await requireWritable(path);
  }
  let input = "";
  const file = readPlacementFile(placementPath, await read(placementPath));
  const readInput = async (path: string): Promise<string> => {
    const text = await read(path);
    if (path === clusterPath) input = text;
    return text;
  };
  const opened = await openCluster(clusterPath, readInput, askCluster(options, file));
  const { sha256 } = opened;
  const cluster = partedAs(placementPath, opened.cluster, file);
  terminal.err(sayVersion(file, sha256));
  const running =
    options.change === undefined
      ? placementFor(placementPath, cluster, file)
      : matchRunning(placementPath, cluster, file).held;
  const change = await readChange(options, cluster, running, read);
  const load = await readLoad(options, read, terminal.err, cluster);
  const progress = createSimulationProgress(
    terminal,
    options.quiet === true ? "none" : options.progress,
  );
  const from =
    load.warmupSeconds ??
    (load.trace === undefined ? (load.tokensPerSecond === undefined ? 900 : 300) : 0);
  const timeline = {
    fromSeconds: from,
    untilSeconds: from + options.timelineSeconds,
    mostBars: MOST_BARS,
  };
  const job = {
    cluster,
    placement: running,
    options: {
      ...load,
      scheduler: options.scheduler,
      partialInference: file.partialInference !== false,
      constraints: constraintsOf(cluster, file),
      ...(change === undefined ? {} : { change }),
    },
    ...(options.timeline === undefined ? {} : { timeline }),
  };
  const crew = startSimulations(options.threads);
  await untilInterrupted(context, crew, async () => {
    let outcome: SimulationOutcome;
    let found: FoundRate | undefined;
    try {
      if (options.findRate === true) found = await searchRate(crew, job, readLimits(options));
      outcome = found === undefined ? await crew.run(job, progress.tell) : found;
    } finally {
      progress.finish();
    }
    const { report } = outcome;
    const shown = change === undefined ? cluster : doubleNodes(cluster, change);
    const style = options.json === true ? undefined : styleFor(terminal, "out");
    const text = describeRun(shown, report, found, style);
    if (style === undefined) terminal.out(text, "costly");
    else show(terminal, text, "costly");
    if (options.timeline !== undefined) {
      await writeTimeline(options.timeline, outcome.timeline!, terminal);
    }
    if (options.report !== undefined) {
      const origin = { input, command: describeCommand(context) };
      const page = renderSimulationReport(shown, report, origin);
      await writeWhole(options.report, page, String(terminal.processId));
    }
  });
}

/** The change file that was named, for this cluster and what runs on it. @throws InputError. */
async function readChange(
  { change: path, drainSeconds }: SimulateCommandOptions,
  cluster: Cluster,
  running: Placement,
  read: (path: string) => Promise<string>,
): Promise<PlannedChange | undefined> {
  if (path === undefined) return undefined;
  const { steps } = resolveChange(path, cluster, readChangeFile(path, await read(path)), running);
  return { steps, drainSeconds };
}

/** The report, with the rate found where one was looked for: for people, or without a style as JSON. */
function describeRun(
  cluster: Cluster,
  report: SimulationReport,
  found: FoundRate | undefined,
  style: TextStyle | undefined,
): string {
  if (style !== undefined) {
    const rate = found === undefined ? "" : `${describeFoundRate(found)}\n`;
    return `${rate}${summarizeSimulation(cluster, report, style)}\n`;
  }
  if (found === undefined) {
    return `${JSON.stringify(withEstimateNotes(cluster, report), null, 2)}\n`;
  }
  const { report: _, ...foundRate } = found;
  return `${JSON.stringify(withEstimateNotes(cluster, { ...report, foundRate }), null, 2)}\n`;
}

/** The limits to keep; without any there is nothing to find. */
function readLimits(options: SimulateCommandOptions): ServiceLimits {
  const { limits } = readPlanningOptions(options, "find-rate");
  if (limits !== undefined && limitsLatency(limits)) return limits;
  throw optionError(
    "--find-rate",
    "no limit on latency",
    "--max-ttft, --max-tpot or both",
    "Say what users must get, for instance --max-ttft 2 --max-tpot 0.08.",
  );
}

function searchRate(
  crew: SimulationCrew,
  job: SimulationJob,
  limits: ServiceLimits,
): Promise<FoundRate> {
  const run = async (rate: number | undefined, seed: number): Promise<SimulationReport> => {
    const online = rate === undefined ? {} : { tokensPerSecond: rate };
    const { report } = await crew.run({ ...job, options: { ...job.options, ...online, seed } });
    return report;
  };
  const lengths = chooseLengths(job.cluster.workload, job.options.workload);
  const tokensPerRequest = lengths.meanPromptTokens + lengths.meanOutputTokens;
  return findRate(run, limits, { seed: job.options.seed ?? 1, tokensPerRequest });
}

async function writeTimeline(
  path: string,
  { json, dropped }: RecordedTimeline,
  terminal: Terminal,
): Promise<void> {
  await writeWhole(path, json, String(terminal.processId));
  if (dropped > 0) {
    terminal.err(
      `Note: ${dropped} batches did not fit in the timeline; ask for fewer --timeline-seconds.\n`,
    );
  }
}
