import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { explainPlacement } from "../planner/result/explain.js";
import { openCluster } from "../node/open-files.js";
import { readText } from "../node/read-text.js";
import { caveatsOf, listAssumptions, withEstimateNotes } from "../core/estimate-notes.js";
import { describeCaveats } from "../report/assumptions.js";
import { describeExplanation, describeOtherCards } from "../report/explanation.js";
import { partedAs } from "../formats/parted-as.js";
import { clusterOfPlacement, placementOf, readPlacementFile } from "../formats/read-placement.js";
import { checkPlacement } from "../check/check-placement.js";
import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { createNodePorts } from "../node/node-ports.js";
import { replanLosses, type LossOptions } from "../serving/plan/replan-losses.js";
import type { ReplanOptions } from "../serving/plan/replan.js";
import { LOAD_RATE_HELP, readLoadRate } from "./load-rate.js";
import { describeLosses } from "../report/replan-summary.js";
import { createLiveLine } from "./progress.js";
import { constraintsOf } from "./constraint-options.js";
import { askCluster, sayEngine, type EngineOptions } from "./engine-options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";
import { refuseAssumptions, STRICT_HELP } from "./strict.js";
import {
  announceInterrupt,
  complain,
  EXIT,
  show,
  styleFor,
  type CommandContext,
} from "./terminal.js";

interface ExplainOptions extends EngineOptions {
  readonly json?: boolean;
  readonly failures?: boolean;
  readonly loadRate?: string;
  readonly strict?: boolean;
}

/** `helix-place explain <cluster> <placement>`. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = program
    .command("explain")
    .description("say what limits a placement, how full every node is, and what would help")
    .argument("<cluster>", "cluster file")
    .argument("<placement>", "placement file, or - for standard input");
  addPlanningOptions(command, "explain")
    .option(
      "--failures",
      "what each node, machine, region and class of links lost leaves at once, and after replanning",
    )
    .option("--load-rate <rate>", LOAD_RATE_HELP)
    .option("--json", "as JSON")
    .option("--strict", STRICT_HELP)
    .action(async (clusterPath: string, placementPath: string, options: ExplainOptions) => {
      const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
      const file = readPlacementFile(placementPath, await read(placementPath));
      const { cluster: whole } = await openCluster(clusterPath, read, askCluster(options, file));
      if (options.strict === true) refuseAssumptions(clusterPath, listAssumptions(whole));
      const failures = checkPlacement(whole, file);
      if (failures.length > 0) {
        complain(
          terminal,
          `The placement does not hold (${printable(`${failures[0]!.path}: ${failures[0]!.message}`)}); "helix-place check" lists everything.`,
        );
        return context.exit(EXIT.no);
      }
      const cluster = clusterOfPlacement(partedAs(placementPath, whole, file), file);
      if (options.failures === true) return explainFailures(cluster, file, options, context);
      const explanation = explainPlacement(
        cluster,
        placementOf(cluster, file),
        file.partialInference !== false,
        constraintsOf(cluster, file),
      );
      if (options.json === true) {
        const data = withEstimateNotes(cluster, explanation);
        return terminal.out(`${JSON.stringify(data, null, 2)}\n`);
      }
      const lines = [
        describeExplanation(explanation, styleFor(terminal, "out")),
        ...describeOtherCards(file.solve.strategies),
        ...describeCaveats(caveatsOf(cluster)),
      ];
      show(terminal, `${sayEngine(cluster)}${lines.join("\n")}\n`);
    });
}

/** What each loss leaves, at once and after replanning. */
async function explainFailures(
  cluster: Cluster,
  file: PlacementFile,
  options: ExplainOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const problem = {
    cluster,
    constraints: constraintsOf(cluster, file),
    partialInference: file.partialInference !== false,
  };
  const replanOptions: ReplanOptions = {
    ...readReplanOptions(options),
    ...readLoadRate(options.loadRate),
    objective: file.objective === "flow" ? "flow" : "served",
    signal: terminal.signal,
  };
  announceInterrupt(context);
  const placement = placementOf(cluster, file);
  const live = createLiveLine(terminal);
  const onLoss: LossOptions["onLoss"] = ({ done, of, loss }) =>
    live.say(`${done} of ${of} losses; replanning after ${loss.kind} ${printable(loss.name)}`);
  const ports = createNodePorts();
  const repaired = await replanLosses(problem, placement, { ...replanOptions, onLoss }, ports);
  live.finish();
  const { throughput } = file;
  if (options.json === true) {
    const data = withEstimateNotes(cluster, { throughput, ...repaired });
    terminal.out(`${JSON.stringify(data, null, 2)}\n`);
  } else {
    const table = describeLosses(throughput, repaired, styleFor(terminal, "out"));
    show(terminal, `${[table, ...describeCaveats(caveatsOf(cluster))].join("\n")}\n`);
  }
  if (terminal.signal.aborted) context.exit(EXIT.interrupted);
}

function readReplanOptions(options: ExplainOptions): ReplanOptions {
  const { objective: _, ...planning } = readPlanningOptions(options, "explain");
  return planning;
}
