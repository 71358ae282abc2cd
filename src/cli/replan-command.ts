import { printable } from "../core/printable.js";
import { Option, type Command } from "commander";
import { nodeId, type Cluster } from "../core/cluster.js";
import type { Placement } from "../core/placement.js";
import { capacityOf } from "../planner/problem/node-capacity.js";
import { matchRunning } from "../formats/match-running.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { partedAsFar } from "../formats/parted-as.js";
import { caveatsOf, withEstimateNotes, withoutDrained } from "../core/estimate-notes.js";
import { describeCaveats } from "../report/assumptions.js";
import { readPlacementFile } from "../formats/read-placement.js";
import { createNodePorts } from "../node/node-ports.js";
import { openCluster } from "../node/open-files.js";
import { readText } from "../node/read-text.js";
import { requireWritable } from "../node/write-whole.js";
import type { PlacementConstraints } from "../planner/problem/problem.js";
import { describeFailures } from "../report/plan-summary.js";
import { describeImpossibleChange, summarizeReplan } from "../report/replan-summary.js";
import { describeSteps } from "../report/change-steps.js";
import { replan, type ChangeReport, type ReplanOptions } from "../serving/plan/replan.js";
import { constraintsOf } from "../planner/result/constraints-of.js";
import { readConstraints } from "./constraint-options.js";
import { LOAD_RATE_HELP, readLoadRate } from "./load-rate.js";
import { deliver } from "./deliver.js";
import { askCluster, type EngineOptions } from "./engine-options.js";
import { numberOption, optionError } from "./options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";
import { createProgressReporter } from "./progress.js";
import { announceInterrupt, complain, EXIT, styleFor, type CommandContext } from "./terminal.js";

interface ReplanCommandOptions extends EngineOptions {
  readonly output?: string;
  readonly within: number;
  readonly loadRate?: string;
  readonly floor: number;
  readonly steps?: string;
  readonly front?: boolean;
  readonly objective?: "flow" | "served";
  readonly drain?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `helix-place replan <cluster> <placement>`. */
export function addReplanCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("replan")
    .description("change a running placement for the cluster as it is now, with few bytes to load")
    .argument("<cluster>", "cluster file as the cluster is now")
    .argument("<placement>", "placement file of what runs, or - for standard input")
    .option("-o, --output <file>", "where to write the placement (default: standard output)")
    .option(
      "--within <fraction>",
      "share of the best throughput found that may be given up",
      numberOption({ atLeast: 0, below: 1 }),
      0.02,
    )
    .option("--load-rate <rate>", LOAD_RATE_HELP)
    .addOption(
      new Option(
        "--objective <name>",
        "what counts: the flow, or what an engine of chains serves, by simulation (default: what the placement was planned for)",
      ).choices(["flow", "served"]),
    )
    .option("--front", "the fewest bytes for several throughputs, not only the one asked for")
    .option("--steps <file>", "write the way there, step by step (helix-place/change@1)")
    .option(
      "--floor <fraction>",
      "share of the new throughput that every step should leave",
      numberOption({ atLeast: 0, below: 1 }),
      0.5,
    );
  addPlanningOptions(command, "replan")
    .option("--json", "the comparison as JSON instead of the placement (give that a file with -o)")
    .option("--quiet", "no progress and no summary")
    .action((cluster: string, placement: string, options: ReplanCommandOptions) =>
      runReplan([cluster, placement], options, context),
    );
}

async function runReplan(
  [clusterPath, placementPath]: readonly [string, string],
  options: ReplanCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  const running = readPlacementFile(placementPath, await read(placementPath));
  const asked = askCluster(options, running);
  const { cluster: whole, sha256 } = await openCluster(clusterPath, read, asked);
  // Cards stay together as they run: to part them otherwise is to load everything again.
  const parted = partedAsFar(whole, running);
  const cluster = withoutDrained(parted, options.drain ?? []);
  const { held, gone, added } = matchRunning(placementPath, cluster, running);
  const constraints = await gatherConstraints(cluster, running, options.drain ?? [], read);
  const rate = readLoadRate(options.loadRate);
  const objective = options.objective ?? (running.objective === "served" ? "served" : "flow");
  if (options.front === true && objective === "served")
    throw optionError(
      "--front",
      "a placement planned for what it serves",
      "--objective flow beside it",
      "Bytes are set against the flow alone: add --objective flow, or leave --front out.",
    );
  const toFile = options.output !== undefined && options.output !== "-";
  if (toFile) await requireWritable(options.output);
  if (options.steps !== undefined) await requireWritable(options.steps);
  const quiet = options.quiet === true;
  if (!quiet) announceInterrupt(context);
  const progress = createProgressReporter(terminal, quiet ? "none" : undefined);
  const { objective: _, ...planning } = readPlanningOptions(options, "replan");
  const replanOptions: ReplanOptions = {
    ...planning,
    ...rate,
    objective,
    ...(options.front === true ? { front: true } : {}),
    within: options.within,
    floor: options.floor,
    constraints,
    partialInference: running.partialInference !== false,
    clusterSha256: sha256,
    signal: terminal.signal,
    onProgress: progress.tell,
  };
  const outcome = await replan(cluster, held, replanOptions, createNodePorts());
  progress.finish();
  if (outcome.kind !== "replanned") return refuse(outcome, context, cluster);
  const { file, report, change } = outcome;
  const text = `${JSON.stringify(file, null, 2)}\n`;
  if (toFile || options.json !== true) await deliver(text, options.output, terminal);
  if (options.steps !== undefined)
    await deliver(`${JSON.stringify(change, null, 2)}\n`, options.steps, terminal);
  if (options.json === true)
    terminal.out(
      `${JSON.stringify(withEstimateNotes(cluster, { gone, added, ...report, change }), null, 2)}\n`,
      "costly",
    );
  if (!quiet) {
    for (const note of [...listNotes(cluster, running, report), ...listUnfit(cluster, held)])
      terminal.err(`Note: ${note}\n`);
    const lines = [
      summarizeReplan(report, { gone, added }, styleFor(terminal, "err")),
      ...describeCaveats(caveatsOf(cluster)),
    ];
    terminal.err(`${lines.join("\n")}\n`);
    if (change.steps.length > 0) {
      const flow = objective === "served" ? `${STEPS_BY_FLOW}\n` : "";
      terminal.err(`\n${flow}${describeSteps(change, styleFor(terminal, "err"))}\n`);
    }
  }
  if (file.termination === "interrupted") context.exit(EXIT.interrupted);
}

type Refused = Exclude<Awaited<ReturnType<typeof replan>>, { readonly kind: "replanned" }>;

const STEPS_BY_FLOW = "Tokens/s of steps and of --floor are flow, a bound and not what is served.";

function refuse(outcome: Refused, context: CommandContext, cluster: Cluster): void {
  const { terminal } = context;
  if (outcome.kind === "infeasible") {
    complain(terminal, describeImpossibleChange(cluster, outcome.obstacle));
    return context.exit(EXIT.no);
  }
  const interrupted = outcome.kind === "not-found" && outcome.termination === "interrupted";
  complain(
    terminal,
    interrupted
      ? "Interrupted before any placement was found; nothing was written."
      : "No placement with any throughput was found. Give the search more time (--time-limit), or drain fewer nodes.",
  );
  const strategies = outcome.kind === "not-found" ? outcome.strategies : [];
  for (const line of describeFailures(strategies)) terminal.err(`${line}\n`);
  context.exit(interrupted ? EXIT.interrupted : EXIT.no);
}

/** What the running placement had to respect, as far as its nodes are still there, and what is drained now. */
async function gatherConstraints(
  cluster: Cluster,
  running: PlacementFile,
  drain: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<PlacementConstraints> {
  const ids = new Set(cluster.nodes.map(({ id }) => id));
  const pin = Object.entries(running.constraints?.pin ?? {})
    .filter(([id]) => ids.has(id) && !drain.includes(id))
    .map(([id, [start, end]]) => `${id}=${start}:${end}`);
  const asked = await readConstraints({ pin, drain }, cluster, read);
  const before = constraintsOf(cluster, running);
  const { maxNodesPerStage } = running.constraints ?? {};
  return {
    ...before,
    pins: asked.pins,
    drained: new Set([...before.drained, ...asked.drained]),
    ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
  };
}

/** What a reader of the running placement might expect and does not get. */
function listNotes(
  cluster: Cluster,
  running: PlacementFile,
  { measure }: ChangeReport,
): readonly string[] {
  const kept = describeConstraints(running);
  return [
    ...(running.cluster.name === cluster.name
      ? []
      : [
          `the placement was made for ${running.cluster.name}, not for ${cluster.name}: nodes of the same id are taken to be the same machines.`,
        ]),
    ...(running.objective === measure
      ? []
      : [`the placement was planned for ${running.objective}; here ${measure} counts.`]),
    ...(kept.length > 0
      ? [`the constraints of the running placement are kept: ${printable(kept.join(", "))}.`]
      : []),
  ];
}

function describeConstraints({ constraints = {}, partialInference }: PlacementFile): string[] {
  const { pin = {}, drain = [], maxDepth, maxNodesPerStage, chainsOnly, survive } = constraints;
  const pinned = Object.keys(pin);
  return [
    ...(pinned.length === 0 ? [] : [`layers pinned to ${pinned.join(" ")}`]),
    ...(drain.length === 0 ? [] : [`nothing on ${drain.join(" ")}`]),
    ...(maxDepth === undefined ? [] : [`at most ${maxDepth} stages`]),
    ...(maxNodesPerStage === undefined ? [] : [`at most ${maxNodesPerStage} nodes a stage`]),
    ...(chainsOnly === true ? ["chains that share no node"] : []),
    ...(survive === undefined ? [] : [`losses of ${survive.losses} survived`]),
    ...(partialInference === false ? ["nodes entered at their first layer"] : []),
  ];
}

/** Nodes that hold more than they can now: what no longer fits counts as lost where it runs. */
function listUnfit(cluster: Cluster, held: Placement): readonly string[] {
  const ids = held.flatMap((interval, node) =>
    interval === null || capacityOf(cluster, node, interval) > 0 ? [] : [nodeId(cluster, node)],
  );
  if (ids.length === 0) return [];
  const named = ids.slice(0, MOST_NAMED).join(", ");
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
  return [
    `what runs no longer fits on ${printable(named)}${more}: it serves nothing there until it is changed.`,
  ];
}

const MOST_NAMED = 5;
