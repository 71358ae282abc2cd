import { Option, type Command } from "commander";
import { openCluster } from "../node/open-files.js";
import type { RecordedTimeline, SimulationOutcome } from "../serving/simulate/simulation-job.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { renderSimulationReport } from "../report/simulation-report.js";
import { summarizeSimulation } from "../report/simulation-summary.js";
import { SCHEDULERS, type SchedulerName } from "../serving/routing/router.js";
import { placementFor, readPlacementFile } from "../formats/read-placement.js";
import { constraintsOf } from "./constraint-options.js";
import { numberOption } from "./options.js";
import type { ProgressStyle } from "./progress.js";
import { addLoadOptions, readLoad, type LoadOptions } from "./simulation-options.js";
import { createSimulationProgress } from "./simulation-progress.js";
import { startSimulations, untilInterrupted } from "./simulation-threads.js";
import { describeCommand, type CommandContext, type Terminal } from "./terminal.js";

interface SimulateCommandOptions extends LoadOptions {
  readonly scheduler: SchedulerName;
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
  const { terminal } = context;
  const command = program
    .command("simulate")
    .description("put a placement under load and report throughput, latencies and queues")
    .argument("<cluster>", "cluster file")
    .argument("<placement>", "placement file, or - for standard input")
    .addOption(new Option("--scheduler <name>").choices(SCHEDULERS).default("helix"));
  addLoadOptions(command)
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
    .action(async (clusterPath: string, placementPath: string, options: SimulateCommandOptions) => {
      const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
      for (const path of [options.timeline, options.report]) {
        if (path !== undefined) await requireWritable(path);
      }
      let input = "";
      const { cluster, sha256 } = await openCluster(clusterPath, async (path) => {
        const text = await read(path);
        if (path === clusterPath) input = text;
        return text;
      });
      const file = readPlacementFile(placementPath, await read(placementPath));
      if (file.cluster.sha256 !== sha256) {
        terminal.err("Note: the placement was made for another version of this cluster file.\n");
      }
      const load = await readLoad(options, read, terminal.err);
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
      const engine = load.engine ?? file.engine;
      const job = {
        cluster,
        placement: placementFor(placementPath, cluster, file),
        options: {
          ...load,
          ...(engine === undefined ? {} : { engine }),
          scheduler: options.scheduler,
          partialInference: file.partialInference !== false,
          constraints: constraintsOf(cluster, file),
        },
        ...(options.timeline === undefined ? {} : { timeline }),
      };
      const crew = startSimulations(options.threads);
      await untilInterrupted(context, crew, async () => {
        let outcome: SimulationOutcome;
        try {
          outcome = await crew.run(job, progress.tell);
        } finally {
          progress.finish();
        }
        const { report } = outcome;
        terminal.out(
          options.json === true
            ? `${JSON.stringify(report, null, 2)}\n`
            : `${summarizeSimulation(cluster, report)}\n`,
          "costly",
        );
        if (options.timeline !== undefined) {
          await writeTimeline(options.timeline, outcome.timeline!, terminal);
        }
        if (options.report !== undefined) {
          const origin = { input, command: describeCommand(context) };
          const page = renderSimulationReport(cluster, report, origin);
          await writeWhole(options.report, page, String(terminal.processId));
        }
      });
    });
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
