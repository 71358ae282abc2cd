import type { Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { defaultObjective } from "./default-objective.js";
import { underServedBound } from "./part-bound.js";
import type { PlanNodes } from "./part-search.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

/** Sizes of a step that are tried: the engine's own, and halves of it as long as they serve more. */
const MOST_SIZES = 4;
/** Smaller steps than this are all overhead. */
const LEAST_TOKENS = 64;
/** A plan in less time than this is none. */
const LEAST_SECONDS = 1;
const DEFAULT_TIME_LIMIT = 60;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/**
 * Plans for what is served, and chooses the tokens of an engine's step as well: batches that are on their way in one
 * chain bunch behind the longest of them, so smaller steps, which are more alike, can serve twice as much in deep chains and less
 * in short ones. Every size gets a plan of its own, within an equal part of the time that is left. The bound holds
 * for all sizes tried.
 * @throws InputError where nothing is served in chains: for another objective, engine or a baseline.
 */
export async function planSteps(
  cluster: Cluster,
  asked: PlanOptions,
  ports: GoodputPorts,
  planAny: PlanNodes,
): Promise<PlanOutcome> {
  const { chooseBatchTokens: _, ...options } = asked;
  const own = requireSteps(cluster, options);
  const started = ports.now();
  const { iterationLimit, signal } = options;
  const limit =
    options.timeLimitSeconds ?? (iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity);
  const elapsed = (): number => ports.now() - started;
  const log: PlacementFile["solve"]["strategies"] = [];
  let best: Planned | undefined;
  let first: PlanOutcome | undefined;
  let most = 0;
  const sizes = listSizes(own);
  for (const [at, batchTokens] of sizes.entries()) {
    if (first !== undefined && (signal?.aborted === true || elapsed() >= limit)) break;
    const seconds = Math.max(LEAST_SECONDS, (limit - elapsed()) / (sizes.length - at));
    const outcome = await planAny(
      cluster,
      {
        ...options,
        batchTokens,
        ...(Number.isFinite(limit) ? { timeLimitSeconds: seconds } : {}),
      },
      ports,
    );
    first ??= outcome;
    if (outcome.kind !== "planned" || outcome.file.served === undefined) break;
    const { served, solve } = outcome.file;
    log.push(...solve.strategies, {
      strategy: `steps of ${batchTokens} tokens`,
      served: served.decodeTokensPerSecond,
      seconds: elapsed(),
    });
    most = Math.max(most, served.bound ?? 0);
    if (best !== undefined && served.decodeTokensPerSecond <= servedBy(best)) break;
    best = outcome;
  }
  if (best === undefined) return first!;
  const file = underServedBound(best.file, most);
  return {
    ...best,
    file: { ...file, solve: { ...file.solve, seconds: elapsed(), strategies: log } },
  };
}

/** The engine's own size, which may be small already, and halves of it. */
function listSizes(own: number): readonly number[] {
  const halves = Array.from({ length: MOST_SIZES - 1 }, (_, at) => own >> (at + 1));
  return [own, ...halves.filter((tokens) => tokens >= LEAST_TOKENS)];
}

function servedBy({ file }: Planned): number {
  return file.served?.decodeTokensPerSecond ?? 0;
}

/** @returns tokens of the engine's own step. */
function requireSteps(cluster: Cluster, options: PlanOptions): number {
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  const { batching, title } = chosen.engine;
  const objective = options.objective ?? defaultObjective(rated, chosen, options);
  const { baseline, constraints } = options;
  const wanted =
    objective === "served" && baseline === undefined && constraints?.survive === undefined;
  if (batching.kind === "chain" && wanted) return batching.batchTokens;
  throw new InputError(cluster.name, [
    {
      path: "--choose-batch-tokens",
      found: `objective ${baseline === undefined ? objective : "of a baseline"}, engine ${title}`,
      expected: "--objective served under an engine that runs chains, such as vLLM",
      remedy: "Leave the option out, or say --batch-tokens.",
    },
  ]);
}
