import type { Distribution } from "./histogram.js";
import type { SpannedDistribution } from "./spanned-histogram.js";

/** What one node did in the window. Seconds and shares; requests are counted once per visit. */
export interface NodeReport {
  readonly node: number;
  /** Share of the window in which a batch ran. */
  readonly busy: number;
  readonly batches: number;
  /** Decodes per batch that has any, and as a decode sees it (weighted by size). */
  readonly meanDecodeBatch: number;
  readonly decodeBatchSeen: number;
  /** Requests waiting, averaged over time, and seconds waited per visit (Little's law). */
  readonly meanWaiting: number;
  readonly meanWaitSeconds: number;
  /** Seconds from arriving to leaving over the next link, mean over prompts. */
  readonly promptResidenceSeconds: number;
  /** KV used, mean and peak, as shares of the capacity; 0 where it is not limited. */
  readonly kvUse: number;
  readonly kvPeak: number;
  readonly preemptions: number;
}

/** The state at one moment, and the rates since the moment before. Arrays by node. */
export interface SamplePoint {
  readonly atSeconds: number;
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  readonly inFlight: number;
  readonly waitingOutside: number;
  readonly waiting: readonly number[];
  readonly kvUse: readonly number[];
}

export interface SimulationMetrics {
  readonly window: { readonly startSeconds: number; readonly endSeconds: number };
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  /** Prompt latency: from arrival until the coordinator has the first token. */
  readonly timeToFirstToken: SpannedDistribution;
  /** Latency of every single decode step. */
  readonly timePerOutputToken: SpannedDistribution;
  /** From arrival to the last token. */
  readonly requestSeconds: Distribution;
  readonly meanStages: number;
  /** Requests on their way through the nodes, averaged over time. */
  readonly meanInFlight: number;
  readonly nodes: readonly NodeReport[];
  readonly samples: readonly SamplePoint[];
}

/** Requests over the whole run: arrived = finished + rejected + inFlight + waiting. */
export interface RequestCounts {
  readonly arrived: number;
  readonly finished: number;
  /** Longer than any route takes, at once or after a preemption. */
  readonly rejected: number;
  readonly inFlight: number;
  /** Waiting at the coordinator for the router to take them. */
  readonly waiting: number;
  /** Times a request lost its KV and had to be computed again. */
  readonly preemptions: number;
  /** Times the router found no room. */
  readonly refusals: number;
}

export interface SimulationResult extends SimulationMetrics {
  readonly requests: RequestCounts;
  /**
   * The longest request that any route takes, and what limits it: the KV caches, the places of a prompt
   * batch under the rule of the Helix paper, or the share of the KV that each request has. Absent where nothing does.
   */
  readonly promptLimit?: {
    readonly tokens: number;
    readonly by: "kv-cache" | "prompt-slot" | "own-slot";
  };
  /** Token-layers still in KV caches at the end, over all nodes. */
  readonly kvLeft: number;
  /** Half of the 95 % interval of the decode throughput, from this run alone ({@link halfInterval}); Infinity where it is too short to tell. */
  readonly decodeConfidence: number;
  /** The time the run might take was up before its window ended: the window is shorter than asked for. */
  readonly cutShort?: true;
  readonly events: number;
  /** Where the placement changed under way. */
  readonly change?: ChangeRun;
}

/** What became of a change, and of the requests under way. */
export interface ChangeRun {
  readonly steps: readonly {
    /** When no new request came to its nodes any more, when the last had left, and when they were back. */
    readonly startSeconds: number;
    readonly emptySeconds: number;
    readonly endSeconds: number;
    /** Requests on its nodes at the start; of these, sent elsewhere and computed again. */
    readonly underWay: number;
    readonly recomputed: number;
  }[];
  /** False where the run ended first. */
  readonly complete: boolean;
}
