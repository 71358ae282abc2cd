import { withEstimateNotes } from "../core/estimate-notes.js";
import { describeCaveats, joinCaveats } from "../report/assumptions.js";
import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { openCluster } from "../node/open-files.js";
import { atLoad } from "../market/at-load.js";
import { findMarginalValues } from "../market/marginal-values.js";
import { runScenarios } from "../market/run-scenarios.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { formatRate } from "../report/format-number.js";
import { forPeople } from "../report/text-style.js";
import { tabulateMarginalValues } from "../report/what-if-marginal.js";
import { renderWhatIfReport } from "../report/what-if-report.js";
import { listScenarios, tabulateScenarios } from "../report/what-if-table.js";
import { listExtras, listScenarioJobs, withListedPrices } from "../market/today.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { withTensorParallel } from "../formats/asked-of-cluster.js";
import { withEngine } from "../formats/read-engine.js";
import { askCluster, askEngine, sayEngine } from "./engine-options.js";
import { optionError } from "./options.js";
import { describeCommand, EXIT, styleFor, type CommandContext } from "./terminal.js";
import { runPurchase } from "./what-if-purchase.js";
import { withCrew, type WhatIfRun } from "./what-if-run.js";
import { runSweepCommand } from "./what-if-sweep.js";
import {
  declareWhatIfOptions,
  readLimits,
  readPlanning,
  readPrices,
  readScenarioOptions,
  readShelf,
  requireUse,
  type WhatIfOptions,
} from "./what-if-options.js";

/** `helix-place what-if <cluster>`. */
export function addWhatIfCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("what-if")
    .description(
      "compare changed clusters, find what to buy, and what one more of anything is worth",
    );
  declareWhatIfOptions(command).action((path: string, options: WhatIfOptions) =>
    runWhatIf(path, options, context),
  );
}

async function runWhatIf(
  clusterPath: string,
  options: WhatIfOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  const { cluster, file, referencedModel } = await openCluster(
    clusterPath,
    read,
    askCluster(options),
  );
  const model = referencedModel === undefined ? {} : { referencedModel };
  const prices = await readPrices(options, read);
  const run: WhatIfRun = {
    options,
    context,
    clusterPath,
    today: {
      name: "today",
      file: withTensorParallel(
        withEngine(withListedPrices(file, prices), askEngine(options)),
        options.tensorParallel,
      ),
      ...model,
    },
    cluster,
    prices,
    read,
    say: options.quiet === true ? () => undefined : terminal.err,
  };
  readLimits(options);
  requireUse(options);
  run.say(sayEngine(cluster));
  if (options.budget !== undefined || options.target !== undefined) return runPurchase(run);
  if (options.sweep !== undefined) return runSweepCommand(run);
  return compareScenarios(run);
}

async function compareScenarios(run: WhatIfRun): Promise<void> {
  const { options, context, today, prices, read, say } = run;
  const scenarios = await readScenarioOptions(options, read);
  if (scenarios.length === 0 && options.marginal !== true) {
    const expected = "a change to try, --budget, --target, --marginal or --sweep";
    throw optionError("what-if", "nothing to try", expected, "See helix-place what-if --help.");
  }
  if (options.report !== undefined) await requireWritable(options.report);
  const planning = readPlanning(options, "scenarios");
  const shelf = readShelf(prices, today.file);
  const jobs = listScenarioJobs(today, scenarios, planning, prices);
  const tell = (result: ScenarioResult): void =>
    say(
      `${printable(`${result.name}: ${result.reason ?? `${formatRate(result.throughput)} tokens/s`}`)}\n`,
    );
  await withCrew(run, async (crew) => {
    const { signal } = context.terminal;
    const planned = await runScenarios(jobs, crew, (_, { result }) => tell(result), signal);
    const results = planned.flatMap((one) =>
      one === undefined ? [] : [atLoad(one.result, options.load)],
    );
    const unchanged = planned[0];
    const marginal =
      options.marginal === true && unchanged !== undefined && !signal.aborted
        ? await findMarginalValues(
            jobs[0]!,
            unchanged,
            listExtras(today.file, prices),
            shelf,
            crew,
            tell,
            signal,
          )
        : undefined;
    const missing = jobs.length - results.length + (marginal?.missing ?? 0);
    if (signal.aborted) {
      const values = options.marginal === true && marginal === undefined;
      context.terminal.err(
        `Interrupted: ${missing} not planned${values ? ", and no marginal values" : ""}; ${results.length === 0 ? "nothing was done before" : "what was done before follows"}.\n`,
      );
      if (results.length === 0) return;
    }
    const style = styleFor(context.terminal, "out");
    const parts = [
      ...(scenarios.length === 0 && marginal !== undefined
        ? []
        : [tabulateScenarios(results, style)]),
      ...(marginal === undefined
        ? []
        : [tabulateMarginalValues(marginal.today, marginal.values, marginal.memory, style)]),
    ];
    const lines = [parts.join("\n\n"), ...describeCaveats(joinCaveats(results))];
    context.terminal.out(
      options.csv === true
        ? listScenarios(results)
        : options.json === true
          ? `${JSON.stringify({ scenarios: results, ...(signal.aborted ? { missing } : {}), ...(marginal && { marginal: marginal.values, memory: marginal.memory }), ...withEstimateNotes(run.cluster, {}) }, null, 2)}\n`
          : `${forPeople(lines.join("\n"), style)}\n`,
      "costly",
    );
    if (options.report !== undefined) {
      const tables = marginal && { marginal: marginal.values, memory: marginal.memory };
      const origin = {
        input: JSON.stringify(today.file, null, 2),
        command: describeCommand(context),
      };
      const page = renderWhatIfReport(today.file.name, results, tables, origin);
      await writeWhole(options.report, page, String(context.terminal.processId));
    }
    if (results[0]!.outcome !== "planned" && scenarios.length === 0) context.exit(EXIT.no);
  });
}
