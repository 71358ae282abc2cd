import { summarizeEstimates, withEstimateNotes } from "../core/estimate-notes.js";
import { printable } from "../core/printable.js";
import type { Command } from "commander";
import { openCluster } from "../node/open-files.js";
import { findMarginalValues, type ExtraMachine } from "../market/marginal-values.js";
import { runScenarios } from "../market/run-scenarios.js";
import type { ScenarioJob } from "../market/scenario.js";
import { readText } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { formatRate } from "../report/format-number.js";
import { tabulateMarginalValues } from "../report/what-if-marginal.js";
import { renderWhatIfReport } from "../report/what-if-report.js";
import { listScenarios, tabulateScenarios } from "../report/what-if-table.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { applyChanges } from "../market/apply-changes.js";
import { listOffers } from "../market/market.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { optionError } from "./options.js";
import { describeCommand, EXIT, type CommandContext } from "./terminal.js";
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
  const { cluster, file, referencedModel } = await openCluster(clusterPath, read);
  const model = referencedModel === undefined ? {} : { referencedModel };
  const prices = await readPrices(options, read);
  const run: WhatIfRun = {
    options,
    context,
    clusterPath,
    today: { name: "today", file: withListedPrices(file, prices), ...model },
    cluster,
    prices,
    read,
    say: options.quiet === true ? () => undefined : terminal.err,
  };
  readLimits(options);
  requireUse(options);
  const estimated = summarizeEstimates(cluster);
  if (estimated !== undefined) run.say(`${printable(estimated)}\n`);
  if (options.budget !== undefined || options.target !== undefined) return runPurchase(run);
  if (options.sweep !== undefined) return runSweepCommand(run);
  return compareScenarios(run);
}

/** Machines of the cluster without a price get that of the list. */
function withListedPrices(file: ClusterFile, prices: PriceList | undefined): ClusterFile {
  const machines = Object.entries(file.machines).map(([name, machine]) => {
    const listed = prices?.machines[name];
    const price =
      machine.pricePerHour ?? listed?.pricePerHour ?? listed?.availability[0]?.pricePerHour;
    return [name, price === undefined ? machine : { ...machine, pricePerHour: price }] as const;
  });
  return { ...file, machines: Object.fromEntries(machines) };
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
  const jobs: ScenarioJob[] = [
    { ...today, planning },
    ...scenarios.map((scenario) => ({
      ...today,
      name: scenario.name,
      file: applyChanges(today.file, scenario, shelf),
      planning,
    })),
  ];
  const tell = (result: ScenarioResult): void =>
    say(
      `${printable(`${result.name}: ${result.reason ?? `${formatRate(result.throughput)} tokens/s`}`)}\n`,
    );
  await withCrew(run, async (crew) => {
    const { signal } = context.terminal;
    const planned = await runScenarios(jobs, crew, (_, { result }) => tell(result), signal);
    const results = planned.flatMap((one) => (one === undefined ? [] : [one.result]));
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
    const parts = [
      ...(scenarios.length === 0 && marginal !== undefined ? [] : [tabulateScenarios(results)]),
      ...(marginal === undefined
        ? []
        : [tabulateMarginalValues(marginal.today, marginal.values, marginal.memory)]),
    ];
    context.terminal.out(
      options.csv === true
        ? listScenarios(results)
        : options.json === true
          ? `${JSON.stringify({ scenarios: results, ...(signal.aborted ? { missing } : {}), ...(marginal && { marginal: marginal.values, memory: marginal.memory }), ...withEstimateNotes(run.cluster, {}) }, null, 2)}\n`
          : `${parts.join("\n\n")}\n`,
      "costly",
    );
    if (options.report !== undefined) {
      const tables = marginal && { marginal: marginal.values, memory: marginal.memory };
      const origin = {
        input: JSON.stringify(today.file, null, 2),
        command: describeCommand(context),
        cluster: run.cluster,
      };
      const page = renderWhatIfReport(today.file.name, results, tables, origin);
      await writeWhole(options.report, page, String(context.terminal.processId));
    }
    if (results[0]!.outcome !== "planned" && scenarios.length === 0) context.exit(EXIT.no);
  });
}

/** Kinds of machines of which one more is tried: those in use, then those on the price list. */
function listExtras(file: ClusterFile, prices: PriceList | undefined): readonly ExtraMachine[] {
  const listed = prices === undefined ? [] : listOffers(prices);
  const today = file.nodes.map(({ machine, region }) => ({
    machine,
    region,
    pricePerHour: undefined,
  }));
  const all = [...today, ...listed];
  const byKey = new Map(all.map((kind) => [JSON.stringify([kind.machine, kind.region]), kind]));
  return [...byKey.values()].map(({ machine, region, pricePerHour }) => ({
    machine,
    ...(region === undefined ? {} : { region }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
  }));
}
