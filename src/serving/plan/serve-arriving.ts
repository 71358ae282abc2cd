import type { Cluster } from "../../core/cluster.js";
import { partedAs } from "../../formats/parted-as.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { placementOf } from "../../formats/read-placement.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { constraintsOf } from "../../planner/result/constraints-of.js";
import { simulatePlacement } from "../simulate/simulate-placement.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { FRESH_SEED } from "./judge-served.js";

/** The window of `simulate --rate`. */
const USUAL = { warmupSeconds: 300, durationSeconds: 1500 };
/** Decode tokens of a run, at most: about a second. */
const MOST_TOKENS = 4e6;
/** It begins with nothing: until as many are under way as will be, and then for longer. Of a run with fewer of them nothing is said. */
const LEAST_STAYS = { warmup: 4, all: 12 };
/** How requests bunch is chance: one run is far from another. */
const RUNS = 3;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** The same of a placement file, for the cluster as it was before its cards were shared out. */
export function fileWithArriving(
  whole: Cluster,
  file: PlacementFile,
  options: PlanOptions,
  secondsLeft: () => number,
): PlacementFile {
  const cluster = partedAs(file.cluster.name, whole, file);
  const placement = placementOf(cluster, file);
  return withArriving({ kind: "planned", cluster, placement, file }, options, secondsLeft).file;
}

/**
 * The plan with what it serves where as much arrives at random as it serves at full load. Full load is that of requests that all come
 * at once, dealt evenly to the batches on their way through a chain. What begins with nothing may have most of its requests in
 * few of them, for good: who leaves a batch is replaced in it. Left as it is under engines without such batches, and
 * where a run would be too long. One run, and two more where there is time. O(tokens made).
 */
export function withArriving(
  outcome: Planned,
  options: PlanOptions,
  secondsLeft: () => number,
): Planned {
  const { file, placement } = outcome;
  const { served, engineSettings, partialInference = true } = file;
  if (served?.at !== "saturation") return outcome;
  const batchTokens = options.batchTokens ?? engineSettings?.batchTokens;
  const asked = batchTokens === undefined ? options : { ...options, batchTokens };
  const { cluster, chosen } = clusterUnder(outcome.cluster, asked);
  const { batching } = chosen.engine;
  const inLine = file.pipelines.some(({ stages }) => stages.length > 1);
  if (batching.kind !== "chain" || batching.inFlight === "one" || !inLine) return outcome;
  const { decodeTokensPerSecond: full, promptTokensPerSecond, concurrency } = served;
  const window = windowOf(full, (concurrency * meanRequest(cluster.workload).outputTokens) / full);
  if (window === undefined) return outcome;
  const rates: number[] = [];
  for (let took = 0; rates.length < RUNS;) {
    const left = secondsLeft();
    if (rates.length > 0 && left < took) break;
    const { result } = simulatePlacement(cluster, placement, {
      ...chosen.asked,
      partialInference,
      constraints: constraintsOf(cluster, file),
      seed: (options.seed ?? 1) + FRESH_SEED + rates.length,
      tokensPerSecond: full + promptTokensPerSecond,
      ...window,
    });
    rates.push(Math.min(full, result.decodeTokensPerSecond));
    took = left - secondsLeft();
  }
  const arriving = { least: Math.min(...rates), most: Math.max(...rates), runs: rates.length };
  return { ...outcome, file: { ...file, served: { ...served, arriving } } };
}

/** That of `simulate --rate`, or as much of it as may be; undefined where requests stay for too long to tell anything then. */
function windowOf(decodeTokensPerSecond: number, staySeconds: number): typeof USUAL | undefined {
  const usual = USUAL.warmupSeconds + USUAL.durationSeconds;
  const all = Math.min(usual, MOST_TOKENS / decodeTokensPerSecond);
  if (!(all >= LEAST_STAYS.all * staySeconds)) return undefined;
  const share = USUAL.warmupSeconds / usual;
  const warmupSeconds = Math.max(share * all, LEAST_STAYS.warmup * staySeconds);
  return all === usual ? USUAL : { warmupSeconds, durationSeconds: all - warmupSeconds };
}
