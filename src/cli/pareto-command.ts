import { caveatsOf } from "../core/estimate-notes.js";
import { describeCaveats } from "../report/assumptions.js";
import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { openCluster } from "../node/open-files.js";
import { createNodePorts } from "../node/node-ports.js";
import { findFront } from "../serving/served/pareto.js";
import type { JudgedPlacement } from "../serving/served/goodput-trials.js";
import { describeJudged } from "../serving/served/plan-goodput.js";
import { readText } from "../node/read-text.js";
import { requireEmptyFolder, writeFolder } from "../node/write-folder.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { drawFront, frontPointOf, tabulateFront } from "../report/pareto-front.js";
import { renderParetoReport } from "../report/pareto-report.js";
import { chooseEngine } from "../engines/choose-engine.js";
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
      const { problem } = outcome;
      const { choice } = chooseEngine(cluster, options);
      const points = outcome.points.map(frontPointOf);
      const termination = terminal.signal.aborted ? "interrupted" : "exhausted";
      const files = outcome.points.map((judged) =>
        describeJudged(cluster, judged, sha256, { termination, problem, choice }),
      );
      const unique = String(terminal.processId);
      if (options.json === true) {
        const front = points.map((point, at) => ({ ...point, placement: files[at] }));
        terminal.out(`${JSON.stringify(front, null, 2)}\n`, "costly");
      } else {
        const table = tabulateFront(points, styleFor(terminal, "out"));
        show(terminal, `${[table, ...describeCaveats(caveatsOf(cluster))].join("\n")}\n`, "costly");
      }
      if (options.svg !== undefined)
        await writeWhole(options.svg, drawFront(cluster.name, points), unique);
      if (options.report !== undefined) {
        const origin = { input, command: describeCommand(context) };
        await writeWhole(options.report, renderParetoReport(cluster, points, origin), unique);
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
      if (terminal.signal.aborted) context.exit(EXIT.interrupted);
      if (options.quiet !== true) terminal.err(sayEngine(cluster));
      if (options.quiet !== true && options.json !== true)
        terminal.err(
          `${outcome.judged} placements simulated (${outcome.points[0]!.report.batching} batching, full load${describeWindow(outcome.points)}), ${points.length} of them unbeaten.${terminal.signal.aborted ? " Cut short by an interrupt: figures are of short trials, and more would be found." : ""}\n`,
        );
    });
}

/** From when to when the points were measured; on large clusters less than asked for. */
function describeWindow([point]: readonly JudgedPlacement[]): string {
  if (point === undefined) return "";
  const { startSeconds, endSeconds } = point.report.result.window;
  return `, ${Math.round(startSeconds)} s to ${Math.round(endSeconds)} s`;
}
