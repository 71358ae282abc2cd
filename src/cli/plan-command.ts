import { listAssumptions, withoutDrained } from "../core/estimate-notes.js";
import { printable } from "../core/printable.js";
import { Option, type Command } from "commander";
import { openCluster } from "../node/open-files.js";
import { createNodePorts } from "../node/node-ports.js";
import { plan, type PlanOptions } from "../serving/plan/plan.js";
import { problemFor } from "../serving/served/problem-for.js";
import { measureThroughput } from "../planner/problem/measure-throughput.js";
import { settleRoom } from "../planner/problem/exact-ends.js";
import { limitsLatency } from "../serving/served/limits.js";
import type { Cluster } from "../core/cluster.js";
import type { Assumption } from "../core/model.js";
import { withNamedParts } from "../core/parting.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { drawPlacementMap } from "../report/placement-map.js";
import { renderPlanReport } from "../report/plan-report.js";
import { describeFailures, describeMissedLimits, summarizePlan } from "../report/plan-summary.js";
import { partedAsFar } from "../formats/parted-as.js";
import { placementOf, readPlacementFile, requireSameLayers } from "../formats/read-placement.js";
import type { BaselineName } from "../planner/starts/baselines.js";
import { deliver } from "./deliver.js";
import { namedNodes, readConstraints, type ConstraintOptions } from "./constraint-options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";
import { addCardsOption, askCluster, type EngineOptions } from "./engine-options.js";
import { createProgressReporter, type ProgressStyle } from "./progress.js";
import { refuseAssumptions, STRICT_HELP } from "./strict.js";
import {
  announceInterrupt,
  complain,
  describeCommand,
  EXIT,
  styleFor,
  type CommandContext,
} from "./terminal.js";

interface PlanCommandOptions extends ConstraintOptions, EngineOptions {
  readonly output?: string;
  readonly baseline?: BaselineName;
  readonly warmStart?: string;
  readonly progress?: ProgressStyle;
  readonly map?: string;
  readonly report?: string;
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

/** `helix-place <cluster.json>`: the default command. */
export function addPlanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("plan", { isDefault: true })
    .description("find the layer placement with the highest throughput, and a bound that proves it")
    .argument("<cluster>", "cluster file, or - for standard input")
    .option("-o, --output <file>", "where to write the placement (default: standard output)");
  addCardsOption(addPlanningOptions(command, "plan"))
    .option("--warm-start <placement>", "placement file to start from")
    .addOption(
      new Option(
        "--progress <style>",
        "live progress on standard error (default: text on a terminal)",
      ).choices(["text", "json", "none"]),
    )
    .option("--map <file>", "draw the placement as SVG: layers across, nodes down")
    .option("--report <file>", "the plan as one self-contained HTML page")
    .option("--strict", STRICT_HELP)
    .option("--quiet", "no progress and no summary")
    .action((path: string, options: PlanCommandOptions) => runPlan(path, options, context));
}

async function runPlan(
  path: string,
  options: PlanCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  let input = "";
  const read = async (file: string): Promise<string> => {
    const text = await readText(file, terminal.readStandardInput);
    if (file === path) input = text;
    return text;
  };
  const opened = await openCluster(path, read, askCluster(options));
  const { sha256 } = opened;
  const cluster = await partAsSaid(options, opened.cluster, context);
  if (options.strict === true) refuseAssumptions(path, listAssumptions(cluster));
  const toFile = options.output !== undefined && options.output !== "-";
  if (toFile) await requireWritable(options.output);
  for (const picture of [options.map, options.report]) {
    if (picture !== undefined) await requireWritable(picture);
  }
  if (options.quiet !== true) announceInterrupt(context);
  const planOptions = await gatherOptions(options, cluster, sha256, context);
  const progress = createProgressReporter(
    terminal,
    options.quiet === true ? "none" : options.progress,
  );
  const outcome = await plan(
    cluster,
    { ...planOptions, alsoArriving: true, onProgress: progress.tell },
    createNodePorts(),
  );
  progress.finish();
  if (options.quiet !== true && isStartIgnored(cluster, planOptions))
    terminal.err("The placement of --warm-start carries nothing here and was ignored.\n");
  if (outcome.kind === "infeasible") {
    const { reason, remedy } = outcome.obstacle;
    complain(terminal, printable(`No placement exists: ${reason}. ${remedy}`));
    return context.exit(EXIT.no);
  }
  if (outcome.kind === "baseline-impossible") {
    complain(
      terminal,
      `${options.baseline} makes no placement of this cluster: ${outcome.reason}. Take another baseline, or plan without one.`,
    );
    return context.exit(EXIT.no);
  }
  if (outcome.kind === "limits-missed") {
    const { aborted } = terminal.signal;
    const late = outcome.outOfTime === true ? "out of time" : undefined;
    const open = aborted ? "interrupted" : late;
    complain(terminal, describeMissedLimits(outcome.nearest, outcome.at, open));
    return context.exit(aborted ? EXIT.interrupted : EXIT.no);
  }
  if (outcome.kind === "not-found") {
    complain(terminal, describeNothingFound(outcome.termination, planOptions));
    for (const line of describeFailures(outcome.strategies)) terminal.err(`${line}\n`);
    return context.exit(outcome.termination === "interrupted" ? EXIT.interrupted : EXIT.no);
  }
  const text = `${JSON.stringify(outcome.file, null, 2)}\n`;
  await deliver(text, options.output, terminal);
  if (options.map !== undefined) {
    const map = drawPlacementMap(outcome.cluster, outcome.file);
    await writeWhole(options.map, map, String(terminal.processId));
  }
  if (options.report !== undefined) {
    const command = describeCommand(context);
    const page = renderPlanReport(outcome.cluster, outcome.file, { input, command });
    await writeWhole(options.report, page, String(terminal.processId));
  }
  if (options.quiet !== true)
    for (const note of outcome.notes ?? []) terminal.err(`${options.baseline}: ${note}\n`);
  if (options.quiet !== true)
    terminal.err(`${summarizePlan(outcome.cluster, outcome.file, styleFor(terminal, "err"))}\n`);
  if (outcome.file.termination === "interrupted") context.exit(EXIT.interrupted);
}

/** Whether there is a placement to start from that is none of this cluster, within what was asked for. */
function isStartIgnored(cluster: Cluster, options: PlanOptions): boolean {
  const { warmStart } = options;
  if (warmStart === undefined) return false;
  return measureThroughput(settleRoom(problemFor(cluster, options)).problem, warmStart) === 0;
}

/** Why nothing was written, and what would help. */
function describeNothingFound(termination: string, options: PlanOptions): string {
  if (termination === "interrupted") {
    return "Interrupted before any placement was found; nothing was written.";
  }
  if (options.constraints?.survive !== undefined) {
    return `No placement was found of which losses leave what was asked for (${termination}); that there is none is not proven. Give the search more time (--time-limit), or ask for less (--survive, --floor).`;
  }
  if (options.limits !== undefined && limitsLatency(options.limits)) {
    return `No placement was found that keeps these limits (${termination}); that there is none is not proven. Give the search more time (--time-limit), or loosen the limits.`;
  }
  const { strategy = "portfolio" } = options;
  const remedy =
    strategy === "portfolio"
      ? "Give the search more time (--time-limit), or loosen the constraints."
      : `${strategy} alone may prove bounds and place nothing: leave --strategy out, and all of them are tried.`;
  return `No placement with any throughput was found (${termination}). ${remedy}`;
}

/**
 * The cluster with its cards shared out as in the placement to start from, and in the parts that are named; nothing is
 * assumed of machines that are to stay empty.
 */
async function partAsSaid(
  options: PlanCommandOptions,
  cluster: Cluster,
  { terminal }: CommandContext,
): Promise<Cluster> {
  const { warmStart } = options;
  const read = (file: string): Promise<string> => readText(file, terminal.readStandardInput);
  const { pinned, drained } = await namedNodes(options, read);
  if (cluster.parting === undefined) return withoutDrained(cluster, drained);
  const started =
    warmStart === undefined
      ? cluster
      : partedAsFar(cluster, readPlacementFile(warmStart, await read(warmStart)));
  const parted = withNamedParts(started, [...pinned, ...drained]);
  return withoutDrained(sayKept(parted, pinned), drained);
}

/** A machine that is pinned by its own name keeps its cards together: said, as it is a choice. */
function sayKept(cluster: Cluster, pinned: readonly string[]): Cluster {
  const kept = (cluster.hosts ?? []).filter(({ id }) => pinned.includes(id));
  if (kept.length === 0) return cluster;
  const said = kept.map(({ id, cards }): Assumption => ({
    what: `all ${cards} cards of ${id} work as one node`,
    where: `pin ${id}`,
    effect: `the pin names the machine; ${id}/0 would be its first card alone, and leaves the others free`,
    isDefault: true,
  }));
  return { ...cluster, assumptions: [...(cluster.assumptions ?? []), ...said] };
}

async function gatherOptions(
  options: PlanCommandOptions,
  cluster: Cluster,
  clusterSha256: string,
  { terminal }: CommandContext,
): Promise<PlanOptions> {
  const read = (file: string): Promise<string> => readText(file, terminal.readStandardInput);
  const { warmStart: path } = options;
  const start = path === undefined ? undefined : readPlacementFile(path, await read(path));
  if (start !== undefined) requireSameLayers(path!, cluster, start);
  const warmStart = start && placementOf(cluster, start);
  return {
    ...readPlanningOptions(options, "plan"),
    constraints: await readConstraints(options, cluster, read),
    clusterSha256,
    signal: terminal.signal,
    ...(warmStart === undefined
      ? {}
      : { warmStart, warmStartStep: start?.engineSettings?.batchTokens }),
  };
}
