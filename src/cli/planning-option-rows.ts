import type { ServiceLimits } from "../serving/served/limits.js";
import { ENGINE_NAMES } from "../core/engine-choice.js";
import { strategyChoices } from "../planner/portfolio/strategies.js";
import { BASELINES } from "../planner/starts/baselines.js";
import type { PlanOptions } from "../serving/plan/plan.js";
import { DEFAULT_BATCH_TOKENS } from "../engines/helix/continuous-batching.js";
import { BATCHINGS } from "../engines/helix/batchings.js";
import type { ConstraintOptions } from "./constraint-options.js";
import { numberOption } from "./options.js";

/** Which commands take an option; `load` stands for all that put placements under load. */
export type PlanningCommand =
  | "plan"
  | "replan"
  | "what-if"
  | "pareto"
  | "compare"
  | "load"
  | "find-rate"
  | "export"
  | "explain";

export interface PlanningOption {
  readonly flags: string;
  /** Where the value goes: in `PlanOptions`, or in the part of it that `within` names. */
  readonly key: keyof PlanOptions | keyof ServiceLimits | keyof ConstraintOptions;
  readonly within?: "limits" | "constraints";
  readonly of: readonly PlanningCommand[];
  readonly help: string;
  /** Where a command has something else to say. */
  readonly helpOf?: Partial<Record<PlanningCommand, string>>;
  readonly parse?: (text: string) => number;
  readonly choices?: readonly string[];
  /** Where a command has fewer. */
  readonly choicesOf?: Partial<Record<PlanningCommand, readonly string[]>>;
  readonly preset?: string | number;
  /** Options, by attribute, that this one would leave without effect. */
  readonly conflicts?: readonly string[];
}

const count = numberOption({ atLeast: 1, whole: true });
const positive = numberOption({ atLeast: Number.MIN_VALUE });

/**
 * Every option that says how to plan, in the order of the help. A new one is a row: it is declared,
 * read and, where a sweep runs elsewhere, passed on from here.
 */
export const PLANNING_OPTIONS: readonly PlanningOption[] = [
  {
    flags: "--time-limit <seconds>",
    key: "timeLimitSeconds",
    of: ["plan", "replan", "what-if", "pareto", "explain"],
    help: "wall clock for the search (default: 60)",
    helpOf: {
      explain: "--failures: wall clock for replanning after all losses together (default: 60)",
      "what-if":
        "wall clock: per scenario (default 20), or for everything together with --budget and --target (default 60) or --marginal (default 180)",
      pareto: "wall clock (default: 120)",
    },
    // Timers hold no more than 24 days.
    parse: numberOption({ atLeast: 0, most: 1e6 }),
  },
  {
    flags: "--iteration-limit <steps>",
    key: "iterationLimit",
    of: ["plan", "replan", "what-if", "pareto", "explain"],
    help: "steps per strategy instead of the clock: reproducible",
    helpOf: {
      explain: "--failures: steps per strategy instead of the clock: reproducible",
      "what-if": "steps per strategy instead of the clock: reproducible (sweeps: 16 by default)",
      pareto: "moves per placement instead of the clock",
    },
    parse: count,
  },
  {
    flags: "--gap <fraction>",
    key: "gap",
    of: ["plan", "what-if"],
    help: "stop at this relative distance to the bound",
    parse: numberOption({ atLeast: 0, below: 1 }),
    preset: 0.01,
  },
  {
    flags: "--seed <number>",
    key: "seed",
    of: ["plan", "replan", "what-if", "pareto", "load"],
    help: "seed of everything random",
    parse: numberOption({ atLeast: 0, whole: true }),
    preset: 1,
  },
  {
    flags: "--max-depth <stages>",
    key: "maxDepth",
    within: "constraints",
    of: ["plan"],
    help: "most stages a token may pass through",
    parse: count,
  },
  {
    flags: "--max-nodes-per-stage <nodes>",
    key: "maxNodesPerStage",
    within: "constraints",
    of: ["plan"],
    help: "most nodes that may hold one layer",
    parse: count,
  },
  {
    flags: "--chains-only",
    key: "chainsOnly",
    within: "constraints",
    of: ["plan"],
    help: "only node-disjoint pipelines, which every engine can run",
  },
  {
    flags: "--survive <machines>",
    key: "survive",
    within: "constraints",
    of: ["plan"],
    help: "plan so that any so many machines lost leave a share of the flow at once, nothing loaded",
    parse: count,
  },
  {
    flags: "--floor <fraction>",
    key: "floor",
    within: "constraints",
    of: ["plan"],
    help: "with --survive: that share (default: 0.5)",
    parse: numberOption({ atLeast: Number.MIN_VALUE, most: 1 }),
  },
  {
    flags: "--pin <node=start:end...>",
    key: "pin",
    within: "constraints",
    of: ["plan"],
    help: "layers a node must hold",
  },
  {
    flags: "--drain <node...>",
    key: "drain",
    within: "constraints",
    of: ["plan", "replan"],
    help: "nodes that must stay empty",
  },
  {
    flags: "--constraints <file>",
    key: "constraints",
    within: "constraints",
    of: ["plan"],
    help: 'JSON with "pin", "drain" and the limits above',
  },
  {
    flags: "--no-partial-inference",
    key: "partialInference",
    of: ["plan", "what-if"],
    help: "tokens may enter a node only at its first layer",
  },
  {
    flags: "--solver <name>",
    key: "solver",
    of: ["plan", "replan", "what-if"],
    help: "solver of linear and integer programs",
    choices: ["highs", "glpk"],
    preset: "highs",
  },
  {
    flags: "--strategy <name>",
    key: "strategy",
    of: ["plan"],
    help: "one strategy alone instead of all",
    choices: strategyChoices(),
    preset: "portfolio",
  },
  {
    flags: "--baseline <name>",
    key: "baseline",
    of: ["plan"],
    help: "place by a known method instead of searching",
    choices: BASELINES.map(({ name }) => name),
    conflicts: ["strategy", "objective", "maxTtft", "maxTpot", "minThroughput", "warmStart"],
  },
  {
    flags: "--objective <name>",
    key: "objective",
    of: ["plan", "what-if"],
    helpOf: {
      "what-if":
        "scenarios, --marginal and --sweep: served: by what users get, simulated (the default where machines are described by their cards; with --max-ttft or --max-tpot at the highest rate that keeps them); flow: by what the network carries (the default elsewhere)",
    },
    choicesOf: { "what-if": ["served", "flow"] },
    help: "served: most decode tokens/s that the engine serves, judged by the simulator (the default where machines are described by their cards); flow: most tokens/s the network carries (the default elsewhere); goodput: as served, within limits on latency; latency: fewest seconds per output token for one user alone, proven",
    choices: ["flow", "served", "goodput", "latency"],
  },
  {
    flags: "--max-ttft <seconds>",
    key: "maxTimeToFirstToken",
    within: "limits",
    of: ["plan", "find-rate", "what-if"],
    help: "goodput: most time to first token",
    helpOf: {
      "what-if":
        "most time to first token: rows are planned for the highest rate of arrivals that keeps it; with --target kept at that load, simulated",
    },
    parse: positive,
  },
  {
    flags: "--max-tpot <seconds>",
    key: "maxTimePerOutputToken",
    within: "limits",
    of: ["plan", "find-rate", "what-if"],
    help: "goodput: most time per output token",
    helpOf: { "what-if": "most time per output token, likewise" },
    parse: positive,
  },
  {
    flags: "--min-throughput <tokens/s>",
    key: "minThroughput",
    within: "limits",
    of: ["plan"],
    help: "goodput: least decode throughput",
    parse: positive,
  },
  {
    flags: "--slo-statistic <name>",
    key: "statistic",
    within: "limits",
    of: ["plan", "find-rate", "what-if"],
    help: "goodput: what of the latencies is limited",
    helpOf: { "what-if": "what of the latencies is limited" },
    choices: ["mean", "p95"],
    preset: "mean",
  },
  {
    flags: "--engine <name>",
    key: "engine",
    of: ["plan", "replan", "what-if", "pareto", "load", "export", "explain"],
    help: "what runs the placement: which ones it can run, how it batches, how it shares KV memory (default: as the placement was planned for, or the cluster file's)",
    helpOf: {
      plan: "what will run the placement: which ones it can run, how it batches, how it shares KV memory (default: the cluster file's)",
      export: "what runs the chains behind a balancer (default: as the placement was planned for)",
    },
    choices: ENGINE_NAMES,
  },
  {
    flags: "--batch-tokens <tokens>",
    key: "batchTokens",
    of: ["plan", "replan", "what-if", "pareto", "load", "export"],
    help: `tokens of one batch, where the engine forms them by tokens (default: the engine's own; continuous batching: ${DEFAULT_BATCH_TOKENS})`,
    parse: count,
  },
  {
    flags: "--choose-batch-tokens",
    key: "chooseBatchTokens",
    of: ["plan", "what-if", "pareto"],
    help: "choose the tokens of a batch even where they are set: those, or halves of them where that serves more (default where nobody has set them: chains, objective served or limits on latency)",
  },
  {
    flags: "--no-choose-batch-tokens",
    key: "chooseBatchTokens",
    of: ["plan", "what-if", "pareto"],
    help: "keep the tokens of a batch that are set, or the engine's own",
  },
  {
    flags: "--max-sequences <requests>",
    key: "maxSequences",
    of: ["plan", "replan", "what-if", "pareto", "load", "export"],
    help: "most requests in one batch, for engines with one scheduler per chain (default: the engine's own)",
    parse: count,
  },
  {
    flags: "--batching <policy>",
    key: "batching",
    of: ["plan", "pareto", "load"],
    help: "how nodes form batches, as in simulate",
    helpOf: {
      plan: "goodput: how nodes form batches, as in simulate",
      load: BATCHINGS.map(({ name, help }) => `${name}: ${help}`).join("; "),
    },
    choices: BATCHINGS.map(({ name }) => name),
  },
  {
    flags: "--threads <count>",
    key: "threads",
    of: ["plan", "replan", "what-if", "pareto", "compare"],
    help: "worker threads; 0 = none",
    parse: numberOption({ atLeast: 0, below: 257, whole: true }),
    preset: 2,
  },
];
