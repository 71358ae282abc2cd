import type { Cluster } from "../../core/cluster.js";
import { partedAs } from "../../formats/parted-as.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { placementOf } from "../../formats/read-placement.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { constraintsOf } from "../../planner/result/constraints-of.js";
import type { SimulationResult } from "../simulate/result.js";
import { simulatePlacement } from "../simulate/simulate-placement.js";
import { windowOfRun, type WindowSize } from "../served/chains/trial-window.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { FRESH_SEED } from "./judge-served.js";

/** It begins with nothing: until as many are under way as will be, and then for as long again. */
const STAYS: WindowSize = {
  warmupStays: 4,
  windowStays: 8,
  mostWarmupSeconds: 600,
  mostWindowSeconds: 1500,
  mostTokens: Infinity,
};
/** Decode tokens of the run, at most: about a second. Of what needs longer until it has settled nothing is said. */
const MOST_TOKENS = 3e6;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** The same of a placement file, for the cluster as it was before its cards were shared out. */
export function fileWithArriving(
  whole: Cluster,
  file: PlacementFile,
  options: PlanOptions,
): PlacementFile {
  const cluster = partedAs(file.cluster.name, whole, file);
  const placement = placementOf(cluster, file);
  return withArriving({ kind: "planned", cluster, placement, file }, options).file;
}

/**
 * The plan with what it serves where as much arrives at random as it serves at full load. Full load is that of requests that all come
 * at once, dealt evenly to the batches on their way through a chain. What begins with nothing may have most of its requests in
 * few of them, for good: who leaves a batch is replaced in it. Left as it is under engines without such batches, and
 * where the run would be too long. O(tokens made).
 */
export function withArriving(outcome: Planned, options: PlanOptions): Planned {
  const { file, placement } = outcome;
  const { served, engineSettings, partialInference = true } = file;
  if (served?.at !== "saturation") return outcome;
  const batchTokens = options.batchTokens ?? engineSettings?.batchTokens;
  const asked = batchTokens === undefined ? options : { ...options, batchTokens };
  const { cluster, chosen } = clusterUnder(outcome.cluster, asked);
  const { batching } = chosen.engine;
  const inLine = file.pipelines.some(({ stages }) => stages.length > 1);
  if (batching.kind !== "chain" || batching.inFlight === "one" || !inLine) return outcome;
  const { decodeTokensPerSecond, promptTokensPerSecond, concurrency } = served;
  const full = { meanInFlight: concurrency, decodeTokensPerSecond };
  const window = windowOfRun(cluster, full, STAYS);
  const made = decodeTokensPerSecond * (window.warmupSeconds + window.durationSeconds);
  if (!(made > 0 && made <= MOST_TOKENS)) return outcome;
  const { result }: { result: SimulationResult } = simulatePlacement(cluster, placement, {
    ...chosen.asked,
    partialInference,
    constraints: constraintsOf(cluster, file),
    seed: (options.seed ?? 1) + FRESH_SEED,
    tokensPerSecond: decodeTokensPerSecond + promptTokensPerSecond,
    ...window,
  });
  const arriving = Math.min(decodeTokensPerSecond, result.decodeTokensPerSecond);
  return { ...outcome, file: { ...file, served: { ...served, arriving } } };
}
