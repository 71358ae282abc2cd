import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { createTimeline } from "./simulation-timeline.js";
import {
  simulatePlacement,
  type SimulateOptions,
  type SimulationReport,
} from "./simulate-placement.js";

/** One simulation: plain data, so that it can go to another thread. */
export interface SimulationJob {
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly options: SimulateOptions;
  /** Batches to record. */
  readonly timeline?: TimelineRequest;
  /** Seconds of wall clock the run may take; then it ends with what it has measured. */
  readonly withinSeconds?: number;
}

/** Which batches a timeline shows: those that start inside a stretch of time, up to a number. */
export interface TimelineRequest {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly mostBars: number;
}

export interface SimulationOutcome {
  readonly report: SimulationReport;
  readonly timeline?: RecordedTimeline;
}

/** A timeline in Chrome's trace format, and how many batches did not fit. */
export interface RecordedTimeline {
  readonly json: string;
  readonly dropped: number;
}

/** Told how far a run has come. */
export type SimulationProgress = (simulatedSeconds: number) => void;

/** Where runs are executed. */
export interface SimulationCrew {
  /** Runs that can go on at the same time. */
  readonly size: number;
  run(job: SimulationJob, onProgress?: SimulationProgress): Promise<SimulationOutcome>;
  /** Ends everything; running simulations are given up. */
  dismiss(): Promise<void>;
}

/**
 * Runs a job in this thread.
 * @param now seconds of a clock, for jobs that may only take so long.
 * @throws InputError for unknown workloads and machines without timing curves.
 */
export function runSimulationJob(
  { cluster, placement, options, timeline, withinSeconds }: SimulationJob,
  onProgress: SimulationProgress | undefined,
  now: () => number,
): SimulationOutcome {
  const begun = now();
  const watching = {
    ...(onProgress === undefined ? {} : { progress: onProgress }),
    ...(withinSeconds === undefined ? {} : { spent: () => (now() - begun) / withinSeconds }),
  };
  if (timeline === undefined) {
    return { report: simulatePlacement(cluster, placement, options, watching) };
  }
  const { fromSeconds, untilSeconds, mostBars } = timeline;
  const record = createTimeline(fromSeconds, untilSeconds, mostBars);
  const observer = { ...watching, batch: record.add };
  const report = simulatePlacement(cluster, placement, options, observer);
  const json = record.toJson(cluster.nodes.map((node) => node.id));
  return { report, timeline: { json, dropped: record.dropped() } };
}
