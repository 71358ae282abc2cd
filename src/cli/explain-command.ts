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
import type { PlanningProblem } from "../planner/problem/problem.js";
import { createChainRuns } from "../serving/plan/chain-runs.js";
import { explainChains, type ExplainedChains } from "../serving/plan/explain-chains.js";
import { replanLosses, type LossOptions } from "../serving/plan/replan-losses.js";
import type { ReplanOptions } from "../serving/plan/replan.js";
import { LOAD_RATE_HELP, readLoadRate } from "./load-rate.js";
import { describeChains, describeFlowAlone } from "../report/chains-explained.js";
import { describeLosses } from "../report/replan-summary.js";
import { createLiveLine } from "./progress.js";
import { constraintsOf } from "../planner/result/constraints-of.js";
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
      const { partialInference, constraints } = problemOf(cluster, file);
      const placement = placementOf(cluster, file);
      const explanation = explainPlacement(cluster, placement, partialInference, constraints);
      const chains = explainServed(cluster, file, terminal.signal);
      if (options.json === true) {
        const data = withEstimateNotes(cluster, { ...explanation, ...(chains && { chains }) });
        return terminal.out(`${JSON.stringify(data, null, 2)}\n`);
      }
      const style = styleFor(terminal, "out");
      const lines = [
        ...(chains === undefined
          ? describeFlowAlone(cluster, file)
          : [describeChains(chains, style)]),
        describeExplanation(explanation, style),
        ...describeOtherCards(file.solve.strategies),
        ...describeCaveats(caveatsOf(cluster)),
      ];
      show(terminal, `${sayEngine(cluster)}${lines.join("\n")}\n`);
    });
}

function problemOf(cluster: Cluster, file: PlacementFile): PlanningProblem {
  return {
    cluster,
    constraints: constraintsOf(cluster, file),
    partialInference: file.partialInference !== false,
  };
}

/** Whether the placement was planned for what users get, which the flow is only a bound on. */
function isServed({ objective }: PlacementFile): boolean {
  return objective === "served" || objective === "goodput";
}

/** What its chains serve, of a placement that is there to serve. */
function explainServed(
  cluster: Cluster,
  file: PlacementFile,
  signal: AbortSignal,
): readonly ExplainedChains[] | undefined {
  if (!isServed(file)) return undefined;
  const runs = createChainRuns(problemOf(cluster, file), { signal });
  const kinds = runs?.(cluster, placementOf(cluster, file));
  return kinds && explainChains(cluster, kinds);
}

/** What each loss leaves, at once and after replanning. */
async function explainFailures(
  cluster: Cluster,
  file: PlacementFile,
  options: ExplainOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const problem = problemOf(cluster, file);
  const replanOptions: ReplanOptions = {
    ...readReplanOptions(options),
    ...readLoadRate(options.loadRate),
    objective: isServed(file) ? "served" : "flow",
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
