import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import type { SchedulerName } from "../routing/router.js";
import type { BatchingName } from "../../engines/helix/batchings.js";
import type { Lengths } from "../../model/lengths.js";
import type { Traffic } from "./traffic.js";

export interface SimulationInput {
  readonly cluster: Cluster;
  readonly placement: Placement;
  /** The links requests may use, with the flow on each. */
  readonly links: readonly LinkFlow[];
  readonly scheduler: SchedulerName;
  readonly batching: BatchingName;
  readonly traffic: Traffic;
  /** Where offline and online requests get their lengths. */
  readonly lengths: Lengths;
  readonly seed: number;
  readonly warmupSeconds: number;
  /** Length of the window after the warm-up. */
  readonly durationSeconds: number;
  /**
   * With nothing under way, or, offline, with as many requests as there is room for, each some way through its answer
   * as in a run that has gone on for long. Default "empty".
   */
  readonly begins?: "empty" | "full";
  /** Stop at the end of the window (true), or let all requests that have arrived finish. */
  readonly stopAtEnd: boolean;
  readonly highWaterMark: number;
  readonly outputRatio: number;
  readonly meanOutputTokens: number;
  readonly batchTokens?: number;
  /** Decode-first batching: decode batches that may pass a waiting prompt. */
  readonly decodeRounds?: number;
  /** Helix scheduler: links with less than this share of their tail's out-flow carry nothing. Default 0. */
  readonly leastFlowShare?: number;
  /** Helix scheduler: a request turns back where a node further on has no room, and takes another way. Default true. */
  readonly turnsBack?: boolean;
  /** Refuse prompts longer than a batch of places of so many tokens. Default no such rule. */
  readonly promptSlotTokens?: number;
  /** A change of the placement under way; for schedulers that fix routes ahead. */
  readonly change?: SimulatedChange;
  readonly observer?: SimulationObserver;
}

/**
 * Nodes that stop and come back with other layers, step by step. A node that changes is two in the cluster given: as
 * it was and as it will be, which never run at the same time. `links` has all links of all steps, with
 * the flows before the first (0 where there is none).
 */
export interface SimulatedChange {
  readonly atSeconds: number;
  /** How long requests may go on over nodes that are to stop before they are sent elsewhere. */
  readonly drainSeconds: number;
  readonly steps: readonly SimulatedStep[];
}

export interface SimulatedStep {
  /** Nodes as they were: no new request comes to them, and when the last has left they load. */
  readonly leaving: readonly number[];
  readonly seconds: number;
  /** Links that carry flow during the step, and when its nodes are back. */
  readonly during: readonly LinkFlow[];
  readonly after: readonly LinkFlow[];
}

/** Told of what happens, as it happens. */
export interface SimulationObserver {
  readonly batch?: (batch: ObservedBatch) => void;
  readonly progress?: (simulatedSeconds: number) => void;
  /** The share that is used up of the time the run may take: past 1 it ends with what it has measured. */
  readonly spent?: () => number;
}

export interface ObservedBatch {
  readonly node: number;
  /** Layers run, half-open. */
  readonly layers: readonly [start: number, end: number];
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly prompts: number;
  readonly promptTokens: number;
  readonly decodes: number;
}
