import { clusterAsHeld } from "../../core/cluster-as-held.js";
import type { Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import type { EngineName } from "../../core/engine-choice.js";
import type { Engine } from "../../engines/engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { ChosenEngine, EngineAsked } from "../../engines/choose-engine.js";
import { nodeBatching } from "../../engines/node-batching.js";
import { HELIX } from "../../engines/helix/helix.js";
import {
  evaluateAnyFlow,
  evaluateNetwork,
  type LinkFlow,
} from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import { UNCONSTRAINED, type PlacementConstraints } from "../../planner/problem/problem.js";
import type { SchedulerName } from "../routing/router.js";
import type { BatchingName } from "../../engines/helix/batchings.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { paperRules, type PaperRulesAsked } from "./paper-rules.js";
import type { SimulationResult } from "./result.js";
import { simulate } from "./simulate.js";
import { prepareChange, type PlannedChange } from "./changing-cluster.js";
import type { SimulatedChange, SimulationInput, SimulationObserver } from "./simulation-input.js";
import { describeChains, listChains } from "./chains/chain.js";
import { runChains } from "./chains/run-chains.js";
import { weighChains } from "./chains/weigh-chains.js";
import type { Traffic } from "./traffic.js";
import { chooseTraffic, meansOf, withTraffic, type TrafficAsked } from "./traffic-asked.js";

/** How to simulate. Plain data, everything has a default. */
export interface SimulateOptions extends EngineAsked, TrafficAsked, PaperRulesAsked {
  /** Default "helix". */
  readonly scheduler?: SchedulerName;
  /** How nodes form batches where the engine leaves it open. Default the engine's own. */
  readonly batching?: BatchingName;
  /** Default 1. */
  readonly seed?: number;
  /** Default 900 s offline, 300 s online, none for traces. */
  readonly warmupSeconds?: number;
  /** Default 1500 s; a trace runs until its last request is served. */
  readonly durationSeconds?: number;
  /** Default that of the engine, offline or online. */
  readonly highWaterMark?: number;
  /** Default "empty": no request is under way at 0. Offline a run that begins "full" needs hardly any warm-up. */
  readonly begins?: "empty" | "full";
  /** Share of the mean output by which requests are expected to grow; default likewise. */
  readonly outputRatio?: number;
  /** Decode-first batching: decode batches that may pass a waiting prompt. Default 6. */
  readonly decodeRounds?: number;
  /** Default true. */
  readonly partialInference?: boolean;
  /** What the placement was planned under: depth, chains and drained nodes hold for requests, too. */
  readonly constraints?: PlacementConstraints;
  /** Let requests take every legal link, not only those that carry flow. Default false. */
  readonly allLinks?: boolean;
  /** Route by a maximum flow that nobody chose among those of the same value. Default false: by the quickest. */
  readonly anyFlow?: boolean;
  /** Steps by which the placement changes from the start of the window on; the placement given is what runs before. */
  readonly change?: PlannedChange;
  /** The links requests may use, with the flow on each; default those of the maximum flow. */
  readonly links?: readonly LinkFlow[];
}

export interface SimulationReport {
  /** Tokens/s of the placement's maximum flow. */
  readonly flow: number;
  readonly engine: EngineName;
  readonly scheduler: SchedulerName;
  readonly batching: BatchingName | "chain";
  readonly traffic: Traffic["kind"];
  readonly workload: string;
  readonly seed: number;
  readonly result: SimulationResult;
}

/** Links with less than this share of the throughput carry no requests. */
const NEGLIGIBLE_SHARE = 1e-9;

/**
 * Puts a placement under load and reports what it serves.
 * @throws InputError for unknown workloads and machines without timing curves.
 */
export function simulatePlacement(
  whole: Cluster,
  given: Placement,
  options: SimulateOptions = {},
  observer?: SimulationObserver,
): SimulationReport {
  if (options.change !== undefined) return simulateChange(whole, given, options, observer);
  return run(options, observer, prepare(whole, given, options));
}

/**
 * What each chain of a placement serves at full load, in a unit of its own, by the index of its first node: requests are handed out
 * by it ({@link weighChains}). Empty where the engine runs no chains, or the placement is not made of them.
 */
export function weighPlacement(
  whole: Cluster,
  given: Placement,
  options: SimulateOptions = {},
): ReadonlyMap<number, number> {
  const { cluster, placement, links, chosen } = prepare(whole, given, options);
  const { batching, overhead } = chosen.engine;
  const { chains } = listChains(placement, links);
  if (batching.kind !== "chain" || chains.length === 0) return new Map();
  const engine = { batching, overhead };
  const lengths = chooseLengths(cluster.workload, options.workload);
  const specs = describeChains(cluster, placement, chains, engine);
  const weights = weighChains({ cluster, placement, lengths }, chains, specs, engine);
  return new Map(chains.map(({ nodes }, index) => [nodes[0]!, weights[index]!]));
}

function prepare(whole: Cluster, given: Placement, options: SimulateOptions): Prepared {
  const partialInference = options.partialInference ?? true;
  const constraints = options.constraints ?? UNCONSTRAINED;
  const placement = given.map((interval, node) =>
    constraints.drained.has(node) ? null : interval,
  );
  const { cluster: rated, chosen } = clusterUnder(withTraffic(whole, options), options);
  const cluster = clusterAsHeld(rated, placement);
  const problem = { cluster, partialInference, constraints };
  const network = buildOpenNetwork(problem, placement);
  const evaluation =
    options.anyFlow === true
      ? evaluateAnyFlow(placement, network)
      : evaluateNetwork(cluster, placement, network);
  const { throughput } = evaluation;
  const links = options.links ?? evaluation.links;
  const used = links.filter((link) => link.flow > NEGLIGIBLE_SHARE * throughput);
  const scheduler = options.scheduler ?? "helix";
  return {
    cluster,
    placement,
    links: options.allLinks === true && scheduler !== "helix" ? links : used,
    throughput,
    chosen,
  };
}

/**
 * A change of the placement under load, with the scheduler that fixes routes ahead. Drained nodes serve until their step.
 * @throws InputError where the engine runs chains, whose batches span nodes.
 */
function simulateChange(
  whole: Cluster,
  before: Placement,
  options: SimulateOptions,
  observer: SimulationObserver | undefined,
): SimulationReport {
  const { constraints = UNCONSTRAINED, partialInference = true } = options;
  const { cluster, chosen } = clusterUnder(withTraffic(whole, options), options);
  const { engine } = chosen;
  const free = { ...constraints, drained: new Set<number>(), pins: new Map() };
  const refuse = (path: string, found: string, expected: string, remedy: string): never => {
    throw new InputError("change", [{ path, found, expected, remedy }]);
  };
  if (engine.batching.kind === "chain")
    refuse(
      "engine",
      engine.title,
      "an engine whose nodes form their own batches",
      "Give --engine helix.",
    );
  if ((options.scheduler ?? "helix") !== "helix")
    refuse("scheduler", `${options.scheduler}`, "helix", "Leave --scheduler out.");
  if (chooseTraffic(options).kind === "offline")
    refuse("rate", "no rate", "requests that arrive by themselves", "Give --rate or --trace.");
  const problem = { cluster, partialInference, constraints: free };
  const warmup = options.warmupSeconds ?? (options.trace === undefined ? 300 : 0);
  const prepared = prepareChange(problem, before, options.change!, warmup);
  return run(options, observer, { ...prepared, chosen });
}

/** What a run has beside the options. */
interface Prepared {
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly links: readonly LinkFlow[];
  readonly throughput: number;
  readonly change?: SimulatedChange;
  readonly chosen: ChosenEngine;
}

function run(
  options: SimulateOptions,
  observer: SimulationObserver | undefined,
  { cluster, placement, links, throughput, change, chosen }: Prepared,
): SimulationReport {
  const scheduler = options.scheduler ?? "helix";
  const { engine, choice } = chosen;
  const traffic = chooseTraffic(options);
  const offline = traffic.kind === "offline";
  const trace = traffic.kind === "trace";
  const kv = offline ? HELIX.kv.offline : HELIX.kv.online;
  const lengths = chooseLengths(cluster.workload, options.workload);
  const seed = options.seed ?? 1;
  const input: SimulationInput = {
    cluster,
    placement,
    links,
    scheduler,
    batching: nodeBatching(engine, options.batching),
    traffic,
    lengths,
    seed,
    warmupSeconds: options.warmupSeconds ?? (offline ? 900 : trace ? 0 : 300),
    durationSeconds: options.durationSeconds ?? (trace ? Infinity : 1500),
    stopAtEnd: offline,
    ...(options.begins === undefined ? {} : { begins: options.begins }),
    highWaterMark: options.highWaterMark ?? kv.highWaterMark,
    outputRatio: options.outputRatio ?? kv.outputRatio,
    meanOutputTokens: trace ? meansOf(traffic.arrivals).outputTokens : lengths.meanOutputTokens,
    ...batchTokensOf(engine, options),
    ...(options.decodeRounds === undefined ? {} : { decodeRounds: options.decodeRounds }),
    ...paperRules(options, choice?.name === "helix"),
    turnsBack: engine.name !== "helix",
    ...(change === undefined ? {} : { change }),
    ...(observer === undefined ? {} : { observer }),
  };
  const chains = engine.batching.kind === "chain";
  const result = chains ? runChains(input, engine, engine.batching) : simulate(input);
  return {
    flow: throughput,
    engine: engine.name,
    scheduler,
    batching: chains ? "chain" : input.batching,
    traffic: traffic.kind,
    workload: trace ? "trace" : lengths.name,
    seed,
    result,
  };
}

/** Tokens of a batch where nodes form them: the engine's, or those asked for where it has no rule of its own. */
function batchTokensOf(
  { batching }: Engine,
  { batchTokens }: SimulateOptions,
): Pick<SimulationInput, "batchTokens"> {
  const tokens = batching.kind === "per-server" ? batching.batchTokens : batchTokens;
  return tokens === undefined ? {} : { batchTokens: tokens };
}
