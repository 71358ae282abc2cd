import type { Cluster } from "../../core/cluster.js";
import { HELIX } from "../../engines/helix/helix.js";
import { evaluatePlacement, type LinkFlow } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import type { SchedulerName } from "../routing/router.js";
import type { BatchingName } from "./batching.js";
import { chooseLengths } from "./choose-lengths.js";
import type { SimulationResult } from "./result.js";
import { simulate } from "./simulate.js";
import type { SimulationObserver } from "./simulation-input.js";
import { OFFLINE, type Arrival, type Traffic } from "./traffic.js";

/** How to simulate. Plain data, everything has a default. */
export interface SimulateOptions {
  /** Default "helix". */
  readonly scheduler?: SchedulerName;
  /** Default "layerwise". */
  readonly batching?: BatchingName;
  /** Prompt and output tokens per second that arrive; without it (and a trace) as many as fit. */
  readonly tokensPerSecond?: number;
  /** Requests to replay, ascending in time. */
  readonly trace?: readonly Arrival[];
  /** Name of the length preset; default the cluster's workload. */
  readonly workload?: string;
  /** Requests kept under way offline by schedulers that know no KV. Default that of the engine. */
  readonly concurrency?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default 900 s offline, 300 s online, none for traces. */
  readonly warmupSeconds?: number;
  /** Default 1500 s; a trace runs until its last request is served. */
  readonly durationSeconds?: number;
  /** Default that of the engine, offline or online. */
  readonly highWaterMark?: number;
  /** Share of the mean output by which requests are expected to grow; default likewise. */
  readonly outputRatio?: number;
  /** Tokens per batch under continuous batching. Default 2048. */
  readonly batchTokens?: number;
  /** Decode-first batching: decode batches that may pass a waiting prompt. Default 6. */
  readonly decodeRounds?: number;
  /** Default true. */
  readonly partialInference?: boolean;
  /** Let requests take every legal link, not only those that carry flow. Default false. */
  readonly allLinks?: boolean;
  /** The links requests may use, with the flow on each; default those of the maximum flow. */
  readonly links?: readonly LinkFlow[];
}

export interface SimulationReport {
  /** Tokens/s of the placement's maximum flow. */
  readonly flow: number;
  readonly scheduler: SchedulerName;
  readonly batching: BatchingName;
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
  cluster: Cluster,
  placement: Placement,
  options: SimulateOptions = {},
  observer?: SimulationObserver,
): SimulationReport {
  const partialInference = options.partialInference ?? true;
  const evaluation = evaluatePlacement(cluster, placement, { partialInference });
  const { throughput } = evaluation;
  const links = options.links ?? evaluation.links;
  const used = links.filter((link) => link.flow > NEGLIGIBLE_SHARE * throughput);
  const scheduler = options.scheduler ?? "helix";
  const batching = options.batching ?? "layerwise";
  const traffic = chooseTraffic(options);
  const offline = traffic.kind === "offline";
  const trace = traffic.kind === "trace";
  const kv = offline ? HELIX.kv.offline : HELIX.kv.online;
  const lengths = chooseLengths(cluster.workload, options.workload);
  const seed = options.seed ?? 1;
  const result = simulate({
    cluster,
    placement,
    links: options.allLinks === true && scheduler !== "helix" ? links : used,
    scheduler,
    batching,
    traffic,
    lengths,
    seed,
    warmupSeconds: options.warmupSeconds ?? (offline ? 900 : trace ? 0 : 300),
    durationSeconds: options.durationSeconds ?? (trace ? Infinity : 1500),
    stopAtEnd: offline,
    highWaterMark: options.highWaterMark ?? kv.highWaterMark,
    outputRatio: options.outputRatio ?? kv.outputRatio,
    meanOutputTokens: trace ? meanOutput(traffic.arrivals) : lengths.meanOutputTokens,
    ...(options.batchTokens === undefined ? {} : { batchTokens: options.batchTokens }),
    ...(options.decodeRounds === undefined ? {} : { decodeRounds: options.decodeRounds }),
    ...(observer === undefined ? {} : { observer }),
  });
  return {
    flow: throughput,
    scheduler,
    batching,
    traffic: traffic.kind,
    workload: trace ? "trace" : lengths.name,
    seed,
    result,
  };
}

function chooseTraffic(options: SimulateOptions): Traffic {
  if (options.trace !== undefined) return { kind: "trace", arrivals: options.trace };
  if (options.tokensPerSecond !== undefined) {
    return { kind: "online", tokensPerSecond: options.tokensPerSecond };
  }
  return { ...OFFLINE, concurrency: options.concurrency ?? OFFLINE.concurrency };
}

function meanOutput(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, arrival) => sum + arrival.outputTokens, 0) / arrivals.length;
}
