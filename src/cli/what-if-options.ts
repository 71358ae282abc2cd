import { Option, type Command } from "commander";
import { shelfOf } from "../market/listed-machines.js";
import { EMPTY_SHELF, type MachineShelf } from "../market/apply-changes.js";
import { parseMachineCount, parseScenario, parseUpgrade, type Scenario } from "../market/change.js";
import { listFileScenarios } from "../market/grid.js";
import type { ScenarioPlanning } from "../market/scenario.js";
import { InputError } from "../core/errors.js";
import { withoutDegrees } from "../formats/asked-of-cluster.js";
import type { Today } from "../market/today.js";
import { parseJson } from "../formats/parse-json.js";
import { readPriceList, type PriceList } from "../formats/price-list-schema.js";
import { readScenarios } from "../formats/scenarios-schema.js";
import type { PurchaseLimits } from "../market/purchase.js";
import { limitsLatency, type ServiceLimits } from "../serving/served/limits.js";
import { addCardsOption, type EngineOptions } from "./engine-options.js";
import { dollarsOption, numberOption, optionError } from "./options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";

export interface WhatIfOptions extends EngineOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly upgrade?: readonly string[];
  readonly scenario?: readonly string[];
  readonly scenarios?: string;
  readonly prices?: string;
  readonly budget?: number;
  readonly target?: number;
  readonly maxTtft?: number;
  readonly maxTpot?: number;
  readonly sloStatistic: ServiceLimits["statistic"];
  readonly objective?: "served" | "flow";
  readonly chooseBatchTokens?: boolean;
  readonly load?: number;
  readonly keep?: boolean;
  readonly marginal?: boolean;
  readonly sweep?: string;
  readonly state?: string;
  readonly shard?: string;
  readonly merge?: readonly string[];
  readonly emit?: "kubernetes" | "slurm";
  readonly shards: number;
  readonly image: string;
  readonly output?: string;
  readonly threads: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly report?: string;
  readonly quiet?: boolean;
}

/** Options of `what-if`, in the order of its help. */
export function declareWhatIfOptions(command: Command): Command {
  const collect = (text: string, list: readonly string[] = []): readonly string[] => [
    ...list,
    text,
  ];
  command
    .argument("<cluster>", "cluster file of today, or - for standard input")
    .option(
      "--add <machines...>",
      "machines to add, as 4xa100@us-east1 (count and region optional)",
    )
    .option("--remove <machines...>", "machines to take away, as 6xt4")
    .option("--upgrade <old=new...>", "machines to replace, as t4=l4 (all) or 6xt4@us-east1=l4")
    .option(
      "--scenario <text>",
      '"name: add 4xa100@us-east1; remove 6xt4"; repeat for several',
      collect,
    )
    .option("--scenarios <file>", "scenarios (and a grid) as JSON; see docs/capacity-planning.md")
    .option("--prices <file>", "price list: machines, prices, availability by region")
    .option(
      "--budget <dollars>",
      'what to buy for so many dollars per hour, as 40 or "40 $/h"',
      dollarsOption,
    )
    .option(
      "--target <tokens>",
      "the cheapest machines that carry so many tokens/s",
      numberOption({ atLeast: 0 }),
    )
    .option(
      "--load <share>",
      "price of output tokens at this share of full load as well, as 0.6",
      numberOption({ atLeast: Number.MIN_VALUE, most: 1 }),
    )
    .option("--keep", "with --budget or --target: buy beside today's machines, not instead")
    .option("--marginal", "what one more machine, Gb/s or GB for KV is worth, and one machine less")
    .option("--sweep <grid>", "all mixes of a grid, as a100=0..8:2,l4=0,4,8; or a scenarios file")
    .option("--state <file>", "where a sweep keeps its results; an interrupted one goes on from it")
    .option("--shard <i/n>", "only the i-th of n parts of a sweep, i from 1")
    .option("--merge <files...>", "state files of the parts of a sweep, to put together")
    .addOption(
      new Option("--emit <engine>", "instead of sweeping: what runs the parts elsewhere").choices([
        "kubernetes",
        "slurm",
      ]),
    )
    .option(
      "--shards <count>",
      "parts for --emit",
      numberOption({ atLeast: 1, below: 100_001, whole: true }),
      4,
    )
    .option("--image <name>", "container image for --emit kubernetes", "helix-place:latest")
    .option(
      "-o, --output <file>",
      "with --budget or --target: write today's file with the purchase; with --marginal: today's placement, which gains are against",
    );
  return addCardsOption(addPlanningOptions(command, "what-if"))
    .option(
      "--report <file>",
      "scenarios, a sweep, marginal values or what to buy as one self-contained HTML page",
    )
    .option("--json", "results as JSON")
    .addOption(
      new Option("--csv", "scenarios, or all of a sweep, as a table for spreadsheets").conflicts([
        "json",
        "marginal",
        "budget",
        "target",
        "emit",
      ]),
    )
    .option("--quiet", "no progress");
}

/** Seconds per scenario where nothing else is said. */
const SCENARIO_SECONDS = 20;
/** Steps per strategy of a sweep where nothing else is said: same bytes every time. */
const SWEEP_STEPS = 16;

/** Seconds for today and all rows of marginal values together where nothing else is said. */
const MARGINAL_SECONDS = 180;

/** How scenarios are planned. `purpose` decides the default limit; purchases have limits on latency of their own. */
export function readPlanning(
  options: WhatIfOptions,
  purpose: "scenarios" | "marginal" | "sweep" | "purchase",
): ScenarioPlanning {
  const { threads: _, limits, objective, ...given } = readPlanningOptions(options, "what-if");
  const kept =
    purpose === "purchase"
      ? {}
      : {
          ...(objective === undefined ? {} : { objective }),
          ...(limits !== undefined && limitsLatency(limits) ? { limits } : {}),
        };
  const base = { ...given, ...kept } as ScenarioPlanning;
  if (base.timeLimitSeconds !== undefined || base.iterationLimit !== undefined) return base;
  switch (purpose) {
    case "sweep":
      return { ...base, iterationLimit: SWEEP_STEPS };
    case "purchase":
      return base;
    case "marginal":
      return { ...base, timeLimitSeconds: MARGINAL_SECONDS };
    case "scenarios":
      return { ...base, timeLimitSeconds: SCENARIO_SECONDS };
  }
}

/** What a purchase must keep; undefined: nothing. @throws InputError with --budget. */
export function readLimits(options: WhatIfOptions): PurchaseLimits | undefined {
  const { maxTtft, maxTpot, sloStatistic: statistic, budget } = options;
  const given = { "--max-ttft": maxTtft, "--max-tpot": maxTpot };
  const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined) return undefined;
  if (budget !== undefined) {
    const remedy = "Name the tokens/s with --target, or leave the limits out.";
    throw optionError(option, "--budget beside it", "a target that they are kept at", remedy);
  }
  return {
    ...(maxTtft === undefined ? {} : { maxTimeToFirstToken: maxTtft }),
    ...(maxTpot === undefined ? {} : { maxTimePerOutputToken: maxTpot }),
    ...(statistic === "mean" ? {} : { statistic }),
  };
}

/** @throws InputError for options that would be ignored. */
export function requireUse(options: WhatIfOptions): void {
  const { budget, target, sweep, output, merge, state, shard, emit, load, json } = options;
  const { marginal, objective } = options;
  if (load !== undefined && sweep !== undefined && (json === true || emit !== undefined)) {
    const remedy = "Leave it out; tables, --csv and --report have the price at a load.";
    throw optionError("--load", "--sweep with --json or --emit", "results without a load", remedy);
  }
  const purchase = budget !== undefined || target !== undefined;
  if (output !== undefined && !purchase && marginal !== true) {
    const remedy = "Tables go to standard output (> file) and, as a page, to --report.";
    const expected = "a purchase, or the plan that marginal values are against";
    throw optionError("--output", "no --budget, --target or --marginal", expected, remedy);
  }
  if (objective !== undefined && purchase) {
    const remedy = "Leave it out: what is bought is chosen by what it serves, where that is known.";
    throw optionError("--objective", "a purchase", "scenarios, --marginal or --sweep", remedy);
  }
  if (options.chooseBatchTokens === true && objective === "flow") {
    const remedy = "Leave one of them out, or say --batch-tokens.";
    throw optionError("--choose-batch-tokens", "--objective flow", "what is served", remedy);
  }
  if (marginal === true && sweep !== undefined) {
    const remedy = "Ask for one at a time.";
    throw optionError("--marginal", "--sweep as well", "marginal values by themselves", remedy);
  }
  const ofSweeps = { "--merge": merge, "--state": state, "--shard": shard, "--emit": emit };
  const [option] = Object.entries(ofSweeps).find(([, value]) => value !== undefined) ?? [];
  if (option === undefined || sweep !== undefined) return;
  const remedy = "Repeat the --sweep of the parts: results are told by their place in it.";
  throw optionError(option, "no --sweep", "a sweep that it belongs to", remedy);
}

type Read = (path: string) => Promise<string>;

export async function readPrices(
  options: WhatIfOptions,
  read: Read,
): Promise<PriceList | undefined> {
  const { prices } = options;
  if (prices === undefined) return undefined;
  const list = readPriceList(prices, parseJson(prices, await read(prices)));
  return options.tensorParallel === undefined
    ? list
    : { ...list, machines: withoutDegrees(list.machines) };
}

/** Machines to add from: those of the price list, where there is one. */
export function readShelf(prices: PriceList | undefined, today: Today): MachineShelf {
  return prices === undefined ? EMPTY_SHELF : shelfOf(prices, today.file, today.referencedModel);
}

/** All scenarios of the command line, today not among them. @throws InputError. */
export async function readScenarioOptions(
  options: WhatIfOptions,
  read: Read,
): Promise<readonly Scenario[]> {
  const { add = [], remove = [], upgrade = [], scenario = [], scenarios } = options;
  const direct = [
    ...upgrade.map((text) => parseUpgrade("--upgrade", text)),
    ...remove.map((text) => ({ kind: "remove" as const, ...parseMachineCount("--remove", text) })),
    ...add.map((text) => ({ kind: "add" as const, ...parseMachineCount("--add", text) })),
  ];
  const name = [
    ...upgrade.map((text) => `upgrade ${text}`),
    ...remove.map((text) => `−${text}`),
    ...add.map((text) => `+${text}`),
  ].join(" ");
  return [
    ...(direct.length === 0 ? [] : [{ name, changes: direct }]),
    ...scenario.map((text) => parseScenario("--scenario", text)),
    ...(scenarios === undefined ? [] : await readScenariosFile(scenarios, read)),
  ];
}

export async function readScenariosFile(path: string, read: Read): Promise<readonly Scenario[]> {
  return listFileScenarios(path, readScenarios(path, parseJson(path, await read(path))));
}

/** `2/4` → the second of four, from 0. @throws InputError. */
export function readShard(text: string): { readonly index: number; readonly of: number } {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [index, of] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (index >= 1 && index <= of) return { index: index - 1, of };
  throw new InputError("command line", [
    { path: "--shard", found: text, expected: "i/n with 1 ≤ i ≤ n, as 2/4", remedy: "Correct it." },
  ]);
}
