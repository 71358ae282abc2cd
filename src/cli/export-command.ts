import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { exportChange } from "../exchange/export/export-change.js";
import {
  exportPlacement,
  nodesUnderIds,
  type ExportOptions,
} from "../exchange/export/export-placement.js";
import { openCluster } from "../node/open-files.js";
import { checkPlacement } from "../check/check-placement.js";
import type { ExportFile, Refusal } from "../exchange/export/outcome.js";
import {
  EXPORT_TARGETS,
  isExportTarget,
  type ExportTarget,
  type ExportTargetName,
} from "../exchange/export/targets.js";
import { readText } from "../node/read-text.js";
import { writeFolder } from "../node/write-folder.js";
import { didYouMean } from "../core/nearest.js";
import { formatTable } from "../report/table.js";
import type { TextStyle } from "../report/text-style.js";
import { readAddresses } from "../formats/read-addresses.js";
import { servedByChain } from "../serving/plan/served-by-chain.js";
import { describeUnsimulated, expectOf } from "./export-expectations.js";
import { partedAs } from "../formats/parted-as.js";
import { clusterOfPlacement, placementFor, readPlacementFile } from "../formats/read-placement.js";
import type { AskedEngine } from "../core/engine-choice.js";
import { askCluster, askEngine, type EngineOptions, sayVersion } from "./engine-options.js";
import { optionError } from "./options.js";
import { readChangeEnds } from "./read-change-ends.js";
import { addPlanningOptions } from "./planning-options.js";
import { complain, EXIT, styleFor, type CommandContext } from "./terminal.js";

interface ExportCommandOptions extends EngineOptions {
  readonly to?: string;
  readonly output: string;
  readonly addresses?: string;
  readonly model?: string;
  readonly list?: boolean;
  readonly change?: string;
  readonly running?: string;
  readonly simulation: boolean;
}

/** `helix-place export <cluster> <placement> --to <target>`. */
export function addExportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("export")
    .description("write what a serving stack needs to run a placement, or say why it cannot")
    .argument("[cluster]", "cluster file")
    .argument("[placement]", "placement file, or - for standard input")
    .option("--to <target>", `one of ${Object.keys(EXPORT_TARGETS).join(", ")}`)
    .option("-o, --output <folder>", "folder to write to, or - for standard output", "-")
    .option(
      "--addresses <hosts.csv>",
      'CSV with "node,host,port"; without it, nodes are reached under their ids',
    )
    .option("--model <name>", "name or path of the weights (default: the model's name)")
    .option(
      "--change <file>",
      "only what the steps of a change need, step by step: a file of replan --steps (with --running)",
    )
    .option("--running <file>", "--change: the placement that runs before it")
    .option(
      "--no-simulation",
      "do not simulate what the target makes of the placement where its rules are not the plan's",
    );
  addPlanningOptions(command, "export")
    .option("--list", "show the targets and what each can carry")
    .action((cluster, placement, options: ExportCommandOptions) =>
      options.list === true
        ? context.terminal.out(`${listTargets(styleFor(context.terminal, "out"))}\n`)
        : runExport(cluster, placement, options, context),
    );
}

async function runExport(
  clusterPath: string | undefined,
  placementPath: string | undefined,
  options: ExportCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const target = chooseTarget(options.to);
  if (clusterPath === undefined || placementPath === undefined) {
    throw optionError("export", "no files", "a cluster file and a placement file", "Name both.");
  }
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  const file = readPlacementFile(placementPath, await read(placementPath));
  const { cluster: whole, sha256 } = await openCluster(clusterPath, read, askCluster({}, file));
  const failures = checkPlacement(whole, file);
  if (failures.length > 0) {
    complain(
      terminal,
      `The placement does not hold (${printable(`${failures[0]!.path}: ${failures[0]!.message}`)}); "helix-place check" lists everything.`,
    );
    return context.exit(EXIT.no);
  }
  terminal.err(sayVersion(file, sha256));
  const cluster = clusterOfPlacement(partedAs(placementPath, whole, file), file);
  const { addresses: csv, model } = options;
  const addresses = csv === undefined ? undefined : readAddresses(csv, await read(csv), cluster);
  const unlisted = addresses === undefined ? [] : nodesUnderIds(cluster, file, addresses);
  const asked = readAsked(options, target);
  const ends = await readChangeEnds(options, cluster, { path: placementPath, file }, read);
  const expected = options.simulation && ends === undefined ? await simulateTarget() : [];
  const { engine: own }: ExportTarget = EXPORT_TARGETS[target];
  const served =
    options.simulation && ends === undefined
      ? servedByChain(cluster, file, own ?? options.engine)
      : undefined;
  const settings: ExportOptions = {
    target,
    ...(served === undefined ? {} : { served }),
    ...(expected.length === 0 ? {} : { expected }),
    ...(addresses === undefined ? {} : { addresses, addressFile: csv! }),
    ...(model === undefined ? {} : { model }),
    ...(Object.keys(asked).length === 0 ? {} : { engine: asked }),
  };
  const outcome =
    ends === undefined
      ? exportPlacement(cluster, file, settings)
      : exportChange(cluster, ends, settings);
  if (outcome.kind === "refused") {
    complain(terminal, describeRefusals(EXPORT_TARGETS[target].title, outcome.refusals));
    return context.exit(EXIT.no);
  }
  if (unlisted.length > 0) terminal.err(`${describeUnlisted(csv!, unlisted)}\n`);
  for (const line of expected) terminal.err(`${printable(line)}\n`);
  if (options.output === "-") return terminal.out(joinFiles(outcome.files));
  await writeFolder(options.output, outcome.files, String(terminal.processId));
  const count = outcome.files.length;
  terminal.err(`Wrote ${count} files to ${options.output}; README.md says what to run where.\n`);

  /** What the target makes of the placement; its engine may take other times for the same layers. */
  async function simulateTarget(): Promise<readonly string[]> {
    const { engine }: ExportTarget = EXPORT_TARGETS[target];
    if (engine === undefined) return [];
    const theirs = askCluster({ ...options, engine }, file);
    const { cluster: other } = await openCluster(clusterPath!, read, theirs);
    const placement = placementFor(placementPath!, cluster, file);
    try {
      const exported = partedAs(placementPath!, other, file);
      return expectOf({ planned: cluster, exported, placement, file }, engine);
    } catch (error) {
      return [describeUnsimulated(error, engine)];
    }
  }
}

/** What is asked of the engine. @throws InputError where the target runs another one. */
function readAsked(options: EngineOptions, target: ExportTargetName): AskedEngine {
  const { engine, title }: ExportTarget = EXPORT_TARGETS[target];
  if (options.engine === undefined || engine === undefined || options.engine === engine)
    return askEngine(options);
  throw optionError(
    "--engine",
    options.engine,
    `${engine}, which ${title} runs`,
    "Leave it out, or choose another target.",
  );
}

function chooseTarget(name: string | undefined): ExportTargetName {
  if (name !== undefined && isExportTarget(name)) return name;
  const names = Object.keys(EXPORT_TARGETS);
  const hint = name === undefined ? "" : didYouMean(name, names);
  throw optionError(
    "--to",
    name === undefined ? "nothing" : JSON.stringify(name),
    `one of ${names.join(", ")}`,
    hint === "" ? '"helix-place export --list" says what each can carry.' : hint,
  );
}

function listTargets(style: TextStyle): string {
  return formatTable(
    [
      { title: "target" },
      { title: "for" },
      { title: "uneven split" },
      { title: "overlapping layers" },
      { title: "node in several pipelines" },
      { title: "tensor parallel nodes" },
    ],
    Object.entries(EXPORT_TARGETS).map(([name, target]) => [
      name,
      target.title,
      target.unevenSplit,
      target.overlap,
      target.sharedNodes,
      target.tensorParallel,
    ]),
    style,
  );
}

/** Most nodes without an address that are named. */
const MOST_UNLISTED = 8;

function describeUnlisted(source: string, nodes: readonly string[]): string {
  const rest = nodes.length - MOST_UNLISTED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return printable(
    `Note: ${source} has no address for ${nodes.slice(0, MOST_UNLISTED).join(", ")}${more}: reached under ${nodes.length === 1 ? "its id" : "their ids"}.`,
  );
}

/** Most refusals shown one by one. */
const MOST_REFUSALS = 20;

function describeRefusals(title: string, refusals: readonly Refusal[]): string {
  const shown = refusals.slice(0, MOST_REFUSALS).map(({ reason, nodes, layers }) => {
    const place = nodes.map((node, index) => {
      const interval = layers[index];
      return interval === undefined ? node : `${node} [${interval[0]}, ${interval[1]})`;
    });
    return `  ${printable(`${place.length === 0 ? "" : `${place.join(", ")}: `}${reason}`)}\n`;
  });
  const rest = refusals.length - shown.length;
  const remedies = [...new Set(refusals.map(({ remedy }) => `  ${printable(remedy)}\n`))];
  return `${title} cannot run this placement:\n${shown.join("")}${rest > 0 ? `  … and ${rest} more\n` : ""}What avoids it:\n${remedies.join("")}`;
}

/** All files in one text, each after a line with its name. */
function joinFiles(files: readonly ExportFile[]): string {
  return files.map(({ path, text }) => `==> ${path} <==\n${text}`).join("\n");
}
