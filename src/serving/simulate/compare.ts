import { boundAnyParts } from "../../planner/parts/bound-any-parts.js";
import type { Cluster } from "../../core/cluster.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import type { Placement } from "../../core/placement.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { SchedulerName } from "../routing/router.js";
import type { SimulateOptions, SimulationReport } from "./simulate-placement.js";
import type { SimulationCrew } from "./simulation-job.js";
import { withTraffic } from "./traffic-asked.js";

/** No pins, no drained nodes. */
const FREE = { pins: new Map(), drained: new Set<number>() };

/** A placement with the name it goes by in the comparison. */
export interface NamedPlacement extends EngineAsked {
  readonly name: string;
  readonly placement: Placement;
  /** Its own, where cards are shared out otherwise than in the cluster compared on, or machines are as fast as another engine runs them. */
  readonly cluster?: Cluster;
  /** What it was planned under, which holds for requests, too. */
  readonly constraints?: PlacementConstraints;
  /** Default true. */
  readonly partialInference?: boolean;
}

export interface CompareOptions extends Omit<SimulateOptions, "scheduler"> {
  readonly placements: readonly NamedPlacement[];
  readonly schedulers: readonly SchedulerName[];
  readonly onProgress?: (done: number, total: number, row: ComparisonRow) => void;
}

export interface ComparisonRow {
  readonly placement: string;
  readonly scheduler: SchedulerName;
  /** Tokens of a batch, where the engine forms them by tokens. */
  readonly batchTokens?: number;
  /** As that of the comparison, with the machines as this engine runs them, whatever the size of a step where nobody asked for one. */
  readonly bound: number;
  readonly report: SimulationReport;
}

export interface Comparison {
  /** Tokens/s of flow no placement can exceed under the engine of the cluster compared on: the truncated compute bound. */
  readonly bound: number;
  readonly rows: readonly ComparisonRow[];
}

/** Runs every placement under every scheduler; rows in that order, whoever finishes first. */
export async function compare(
  cluster: Cluster,
  { placements, schedulers, onProgress, ...shared }: CompareOptions,
  crew: SimulationCrew,
): Promise<Comparison> {
  const runs = placements.flatMap(({ name, placement, cluster: own = cluster, ...rules }) =>
    schedulers.map((scheduler) => ({
      name,
      own,
      placement,
      options: { ...shared, ...rules, scheduler },
    })),
  );
  // A step that a plan chose is a choice like its layers: the bound is for all, as that of the plan.
  const bound = boundUnder(cluster, shared);
  const { engine } = clusterUnder(cluster, shared).chosen;
  const rows: ComparisonRow[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < runs.length; at = next++) {
      const { name, own, placement, options } = runs[at]!;
      const { report } = await crew.run({ cluster: own, placement, options });
      const { chosen } = clusterUnder(own, options);
      const { batchTokens } = chosen.asked;
      rows[at] = {
        placement: name,
        scheduler: options.scheduler,
        ...(batchTokens === undefined ? {} : { batchTokens }),
        bound: Math.max(chosen.engine.name === engine.name ? bound : 0, boundUnder(own, options)),
        report,
      };
      done += 1;
      onProgress?.(done, runs.length, rows[at]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(crew.size, runs.length) }, work));
  return { bound, rows };
}

/** Of machines as the engine asked for runs them, with the requests that come. */
function boundUnder(cluster: Cluster, options: Omit<SimulateOptions, "scheduler">): number {
  return boundAnyParts(clusterUnder(withTraffic(cluster, options), options).cluster, FREE);
}
