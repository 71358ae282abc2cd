import type { Cluster } from "../../core/cluster.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { partedAs } from "../../formats/parted-as.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { placementOf } from "../../formats/read-placement.js";
import { decodeShare } from "../served/bound-served.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { problemFor } from "../served/problem-for.js";
import { createRateRuns } from "../served/rate-runs.js";
import type { SimulationReport } from "../simulate/simulate-placement.js";

/** As `simulate --rate` has it, unless so many decode tokens are made before. */
const RUN = { tokens: 1.2e7, leastSeconds: 60 };

/** What a plan serves with so many prompt and output tokens/s arriving at random. */
export interface ServedAtRate {
  /** Decode tokens/s that these arrivals come to. */
  readonly needed: number;
  /** A run for each seed. */
  readonly reports: readonly SimulationReport[];
}

/** Runs a plan with arrivals at a rate. @throws InputError for a placement of another cluster. */
export async function serveAtRate(
  whole: Cluster,
  file: PlacementFile,
  asked: EngineAsked,
  {
    tokensPerSecond,
    seeds,
  }: { readonly tokensPerSecond: number; readonly seeds: readonly number[] },
  ports: Pick<GoodputPorts, "breathe" | "now">,
): Promise<ServedAtRate> {
  const under = clusterUnder(whole, asked);
  const cluster = partedAs(file.cluster.name, under.cluster, file);
  const runs = createRateRuns(
    {
      problem: problemFor(cluster, asked),
      options: under.chosen.asked,
      isOver: () => false,
      breathe: () => ports.breathe(),
      now: () => ports.now(),
    },
    RUN,
  );
  const placement = placementOf(cluster, file);
  const reports: SimulationReport[] = [];
  for (const seed of seeds) reports.push((await runs.run(placement, tokensPerSecond, seed))!);
  return { needed: decodeShare(cluster) * tokensPerSecond, reports };
}
