import { caveatsOf } from "../core/estimate-notes.js";
import { describeCaveats, joinCaveats } from "../report/assumptions.js";
import { printable } from "../core/printable.js";
import { InvalidArgumentError, type Command } from "commander";
import type { Cluster } from "../core/cluster.js";
import type { Assumption } from "../core/model.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { openCluster } from "../node/open-files.js";
import { createNodePorts } from "../node/node-ports.js";
import { findFront, type ParetoOutcome } from "../serving/plan/find-front.js";
import type { JudgedPlacement } from "../serving/served/goodput-trials.js";
import { describeJudged } from "../serving/served/describe-judged.js";
import { readText } from "../node/read-text.js";
import { requireEmptyFolder, writeFolder } from "../node/write-folder.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { drawFront, frontPointOf, tabulateFront, type FrontPoint } from "../report/pareto-front.js";
import { describeFrontCuts, renderParetoReport } from "../report/pareto-report.js";
import { addCardsOption, askCluster, sayEngine, type EngineOptions } from "./engine-options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";
import {
  announceInterrupt,
  complain,
  describeCommand,
  EXIT,
  show,
  styleFor,
  type CommandContext,
} from "./terminal.js";

interface ParetoCommandOptions extends EngineOptions {
  readonly json?: boolean;
  readonly svg?: string;
  readonly report?: string;
  readonly output?: string;
  readonly quiet?: boolean;
  readonly loads: readonly number[];
}

/** `helix-place pareto <cluster>`. */
export function addParetoCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = program
    .command("pareto")
    .description("placements between most throughput and least latency, one line each")
    .argument("<cluster>", "cluster file, or - for standard input");
  addCardsOption(addPlanningOptions(command, "pareto"))
    .option("-o, --output <folder>", "write every placement of the front: 1.json, 2.json, …")
    .option(
      "--loads <shares>",
      "shares of its full load at which every placement is simulated as well, arriving at random, as 0.5,0.8; none: full load alone",
      parseLoads,
      DEFAULT_LOADS,
    )
    .option("--svg <file>", "draw the front")
    .option("--report <file>", "the front as one self-contained HTML page")
    .option("--json", "the front with its placements as JSON")
    .option("--quiet", "no progress and no notes")
    .action(async (path: string, options: ParetoCommandOptions) => {
      let input = "";
      const read = async (file: string): Promise<string> => {
        const text = await readText(file, terminal.readStandardInput);
        if (file === path) input = text;
        return text;
      };
      const { cluster, sha256 } = await openCluster(path, read, askCluster(options));
      for (const picture of [options.svg, options.report]) {
        if (picture !== undefined) await requireWritable(picture);
      }
      if (options.output !== undefined) await requireEmptyFolder(options.output);
      if (options.quiet !== true) announceInterrupt(context);
      const outcome = await findFront(
        cluster,
        {
          ...readPlanningOptions(options, "pareto"),
          loads: options.loads,
          signal: terminal.signal,
          ...(options.quiet === true
            ? {}
            : { onPhase: (doing: string) => terminal.err(`${doing}\n`) }),
        },
        createNodePorts(),
      );
      if (outcome.kind === "infeasible") {
        const { reason, remedy } = outcome.obstacle;
        complain(terminal, printable(`No placement exists: ${reason}. ${remedy}`));
        return context.exit(EXIT.no);
      }
      if (outcome.points.length === 0) {
        const { aborted } = terminal.signal;
        terminal.err(
          aborted
            ? "Interrupted before any placement was simulated; nothing was written.\n"
            : "No placement with any throughput was found; give it more time.\n",
        );
        return context.exit(aborted ? EXIT.interrupted : EXIT.no);
      }
      const order = new Map(
        outcome.placements.map(({ placement }, at) => [placement, at] as const),
      );
      const points = outcome.points.map((point) => ({
        number: order.get(point.placement)! + 1,
        ...frontPointOf(point),
      }));
      const termination = terminal.signal.aborted ? "interrupted" : "exhausted";
      const files = outcome.placements.map((judged) =>
        describeJudged(judged.problem.cluster, judged, sha256, { ...judged, termination }),
      );
      // Of the machines that the placements have: parts, where cards are shared out.
      const caveats = joinCaveats(
        outcome.placements.map(({ problem }) => ({ assumptions: caveatsOf(problem.cluster) })),
      );
      const notes = describeFrontCuts(outcome);
      if (options.json === true) {
        const front = points.map((point) => ({ ...point, placement: files[point.number - 1] }));
        terminal.out(`${JSON.stringify(front, null, 2)}\n`, "costly");
      } else {
        const table = tabulateFront(points, styleFor(terminal, "out"));
        show(terminal, `${[table, ...describeCaveats(caveats)].join("\n")}\n`, "costly");
      }
      await writeFiles(context, options, { cluster, input, points, files, caveats, notes });
      if (terminal.signal.aborted) context.exit(EXIT.interrupted);
      if (options.quiet !== true) {
        terminal.err(sayEngine(cluster));
        for (const note of notes) terminal.err(`${note}\n`);
      }
      if (options.quiet !== true && options.json !== true)
        terminal.err(
          `${outcome.judged} placements simulated (${outcome.points[0]!.report.batching} batching, full load${describeWindow(outcome.placements)}), ${describeFront(outcome)} unbeaten.${terminal.signal.aborted ? " Cut short by an interrupt: figures are of short trials, and more would be found." : ""}\n`,
        );
    });
}

const DEFAULT_LOADS: readonly number[] = [0.5, 0.8];

/** `0.5,0.8`, or `none`. */
function parseLoads(text: string): readonly number[] {
  if (text === "none") return [];
  const shares = text.split(",").map(Number);
  if (shares.every((share) => share > 0 && share < 1)) return shares;
  throw new InvalidArgumentError("Expected none, or shares between 0 and 1, as 0.5,0.8.");
}

function describeFront({ points, placements }: Extract<ParetoOutcome, { kind: "front" }>): string {
  const rows = `${points.length} of them`;
  return points.every(({ load }) => load === undefined)
    ? rows
    : `${placements.length} of them, at ${points.length} loads in all,`;
}

interface ParetoFiles {
  readonly cluster: Cluster;
  /** Text of the cluster file. */
  readonly input: string;
  readonly points: readonly FrontPoint[];
  /** Each placement once. */
  readonly files: readonly PlacementFile[];
  readonly caveats: readonly Assumption[];
  readonly notes: readonly string[];
}

async function writeFiles(
  context: CommandContext,
  options: ParetoCommandOptions,
  { cluster, input, points, files, caveats, notes }: ParetoFiles,
): Promise<void> {
  const unique = String(context.terminal.processId);
  if (options.svg !== undefined)
    await writeWhole(options.svg, drawFront(cluster.name, points), unique);
  if (options.report !== undefined) {
    const origin = { input, command: describeCommand(context) };
    const page = renderParetoReport(cluster, points, origin, caveats, notes);
    await writeWhole(options.report, page, unique);
  }
  if (options.output !== undefined)
    await writeFolder(
      options.output,
      files.map((file, at) => ({
        path: `${at + 1}.json`,
        text: `${JSON.stringify(file, null, 2)}\n`,
      })),
      unique,
    );
}

/** From when to when the points were measured; on large clusters less than asked for. */
function describeWindow([point]: readonly JudgedPlacement[]): string {
  if (point === undefined) return "";
  const { startSeconds, endSeconds } = point.report.result.window;
  return `, ${Math.round(startSeconds)} s to ${Math.round(endSeconds)} s`;
}
