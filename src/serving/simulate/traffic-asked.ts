import type { Cluster } from "../../core/cluster.js";
import type { Workload } from "../../core/model.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { ratesUnder } from "../../engines/rates-under.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { OFFLINE, type Arrival, type Traffic } from "./traffic.js";

/** Which requests come. */
export interface TrafficAsked {
  /** Prompt and output tokens per second that arrive; without it (and a trace) as many as fit. */
  readonly tokensPerSecond?: number;
  /** Requests to replay, ascending in time. */
  readonly trace?: readonly Arrival[];
  /** Name of the length preset; default the cluster's workload. */
  readonly workload?: string;
  /** Requests kept under way offline by schedulers that know no KV. Default that of the engine. */
  readonly concurrency?: number;
}

/** The cluster with T(k) for the requests that will come, where they are others than its own. */
export function withTraffic(cluster: Cluster, { trace, workload: name }: TrafficAsked): Cluster {
  const lengths = name === undefined ? undefined : chooseLengths(cluster.workload, name);
  const workload =
    trace !== undefined && trace.length > 0
      ? { name: "trace", ...meansOf(trace) }
      : lengths && {
          name: lengths.name,
          promptTokens: lengths.meanPromptTokens,
          outputTokens: lengths.meanOutputTokens,
        };
  if (workload === undefined) return cluster;
  const other = { ...cluster, workload };
  return ratesUnder(other, chooseEngine(other, {}).engine);
}

export function chooseTraffic(options: TrafficAsked): Traffic {
  if (options.trace !== undefined) return { kind: "trace", arrivals: options.trace };
  if (options.tokensPerSecond !== undefined) {
    return { kind: "online", tokensPerSecond: options.tokensPerSecond };
  }
  return { ...OFFLINE, concurrency: options.concurrency ?? OFFLINE.concurrency };
}

export function meansOf(
  arrivals: readonly Arrival[],
): Pick<Workload, "promptTokens" | "outputTokens"> {
  const mean = (of: (arrival: Arrival) => number): number =>
    Math.max(1, arrivals.reduce((sum, arrival) => sum + of(arrival), 0) / arrivals.length);
  return {
    promptTokens: mean(({ promptTokens }) => promptTokens),
    outputTokens: mean(({ outputTokens }) => outputTokens),
  };
}
