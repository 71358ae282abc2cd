import type { Cluster } from "../core/cluster.js";
import { caveatsOf } from "../core/estimate-notes.js";
import { describeCaveats, joinCaveats } from "../report/assumptions.js";
import { printable } from "../core/printable.js";
import { Option, type Command } from "commander";
import { compare, type ComparisonRow, type NamedPlacement } from "../serving/simulate/compare.js";
import { BASELINES, placeBaseline, type BaselineName } from "../planner/starts/baselines.js";
import { openCluster } from "../node/open-files.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { renderComparisonReport } from "../report/simulation-report.js";
import { describeRuns, tabulateComparison } from "../report/simulation-comparison.js";
import { SCHEDULERS, type SchedulerName } from "../serving/routing/router.js";
import { partedAs } from "../formats/parted-as.js";
import { placementFor, readPlacementFile } from "../formats/read-placement.js";
import { chooseEngine } from "../engines/choose-engine.js";
import { measureThroughput } from "../planner/problem/measure-throughput.js";
import { problemFor } from "../serving/served/problem-for.js";
import {
  addCardsOption,
  askCluster,
  engineAsked,
  sayEngine,
  sayVersion,
} from "./engine-options.js";
import { addPlanningOptions } from "./planning-options.js";
import { constraintsOf } from "../planner/result/constraints-of.js";
import { addLoadOptions, readLoad, type LoadOptions } from "./simulation-options.js";
import { startSimulations, untilInterrupted } from "./simulation-threads.js";
import {
  complain,
  describeCommand,
  EXIT,
  show,
  styleFor,
  type CommandContext,
} from "./terminal.js";

interface CompareCommandOptions extends LoadOptions {
  readonly placement?: readonly string[];
  readonly strategy: readonly BaselineName[];
  readonly scheduler: readonly SchedulerName[];
  readonly threads: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly quiet?: boolean;
}

/** `helix-place compare <cluster>`. */
export function addCompareCommand(program: Command, context: CommandContext): void {
  const { terminal } = context;
  const command = program
    .command("compare")
    .description("simulate several placements under several schedulers, in one table")
    .argument("<cluster>", "cluster file")
    .option("--placement <file...>", "placement files to compare with the baselines")
    .addOption(
      new Option("--strategy <name...>", "baseline placements")
        .choices(BASELINES.map(({ name }) => name))
        .default(BASELINES.map(({ name }) => name)),
    )
    .addOption(
      new Option("--scheduler <name...>", "who chooses the next node of a request")
        .choices(SCHEDULERS)
        .default(["helix"]),
    );
  addCardsOption(addPlanningOptions(command, "compare"));
  addLoadOptions(command)
    .option("--json", "all results as JSON")
    .option("--report <file>", "the comparison as one self-contained HTML page")
    .option("--quiet", "no progress and no notes")
    .action(async (clusterPath: string, options: CompareCommandOptions) => {
      const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
      if (options.report !== undefined) await requireWritable(options.report);
      const say = options.quiet === true ? () => undefined : terminal.err;
      const readOnce = rememberTexts(read);
      const { cluster } = await openCluster(clusterPath, readOnce, askCluster(options));
      const input = await readOnce(clusterPath);
      say(sayEngine(cluster));
      const placements: NamedPlacement[] = [];
      // A method gets the steps that were chosen with the plans beside it, too.
      const steps = new Set<number | undefined>([undefined]);
      for (const path of options.placement ?? []) {
        const file = readPlacementFile(path, await read(path));
        // By the figures of the engine that is to run it: estimates hold what an engine adds.
        const asked = askCluster(options, file);
        const { cluster: own, sha256 } = await openCluster(clusterPath, readOnce, asked);
        say(sayVersion(file, sha256, path));
        const { engine, batchTokens } = engineAsked(options, file);
        const chosen = options.batchTokens === undefined && file.served?.engineStep !== undefined;
        if (own.engine?.name !== cluster.engine?.name) say(`${printable(path)}: ${sayEngine(own)}`);
        else if (chosen && engine === cluster.engine?.name) steps.add(batchTokens);
        const parted = partedAs(path, own, file);
        placements.push({
          name: path,
          cluster: parted,
          placement: placementFor(path, parted, file),
          constraints: constraintsOf(parted, file),
          partialInference: file.partialInference !== false,
          ...engineAsked(options, file),
        });
      }
      placements.push(...placeByMethods(cluster, { ...options, steps: [...steps] }, say));
      if (placements.length === 0) {
        complain(terminal, "There is nothing to compare: no placement is possible.");
        return context.exit(EXIT.no);
      }
      const load = await readLoad(options, read, say, cluster);
      const crew = startSimulations(options.threads);
      await untilInterrupted(context, crew, async () => {
        const comparison = await compare(
          cluster,
          {
            ...load,
            placements,
            schedulers: options.scheduler,
            onProgress: (done, total, row) => say(describeProgress(done, total, row)),
          },
          crew,
        );
        const assumptions = joinCaveats(
          placements.map(({ cluster: own = cluster }) => ({ assumptions: caveatsOf(own) })),
        );
        if (options.json === true) {
          const data = assumptions.length === 0 ? comparison : { ...comparison, assumptions };
          terminal.out(`${JSON.stringify(data, null, 2)}\n`, "costly");
        } else {
          const table = tabulateComparison(comparison, styleFor(terminal, "out"));
          const lines = [
            table,
            ...describeRuns(comparison, cluster),
            ...describeCaveats(assumptions),
          ];
          show(terminal, `${lines.join("\n")}\n`, "costly");
        }
        if (options.report !== undefined) {
          const origin = { input, command: describeCommand(context) };
          const page = renderComparisonReport(cluster, comparison, origin, assumptions);
          await writeWhole(options.report, page, String(terminal.processId));
        }
      });
    });
}

/** Each text is read once: standard input ends. */
function rememberTexts(read: (path: string) => Promise<string>): typeof read {
  const known = new Map<string, Promise<string>>();
  return (path) => {
    const text = known.get(path) ?? read(path);
    known.set(path, text);
    return text;
  };
}

function describeProgress(done: number, total: number, row: ComparisonRow): string {
  const rate = row.report.result.decodeTokensPerSecond.toFixed(1);
  return `${done}/${total}  ${printable(row.placement)}, ${row.scheduler}: ${rate} decode tokens/s\n`;
}

/** What the methods asked for make, with the engine's own steps and with others. */
function placeByMethods(
  cluster: Cluster,
  options: CompareCommandOptions & { readonly steps: readonly (number | undefined)[] },
  say: (text: string) => void,
): readonly NamedPlacement[] {
  const { engine } = chooseEngine(cluster, options);
  const problem = problemFor(cluster, engineAsked(options));
  return options.strategy.flatMap((name) => {
    const outcome = placeBaseline(cluster, name, options.seed);
    if (outcome.kind === "impossible") {
      say(`${printable(`${name}: not possible: ${outcome.reason}`)}\n`);
      return [];
    }
    if (!(measureThroughput(problem, outcome.placement) > 0)) {
      say(`${name}: not possible: ${engine.title} can run nothing of it\n`);
      return [];
    }
    for (const text of outcome.notes) say(`${printable(`${name}: ${text}`)}\n`);
    const { constraints, partialInference } = problem;
    const own = { placement: outcome.placement, constraints, partialInference };
    return options.steps.map((batchTokens) =>
      batchTokens === undefined
        ? { name, ...own }
        : { name: `${name}, steps of ${batchTokens}`, ...own, batchTokens },
    );
  });
}
