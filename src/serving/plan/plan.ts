import type { Cluster } from "../../core/cluster.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { BugError } from "../../core/errors.js";
import { requirePlacement } from "../../check/require-placement.js";
import type { TrialMemories } from "../served/chains/trial-memories.js";
import type { ServiceFigures, ServiceLimits } from "../served/limits.js";
import type { SolverName } from "../../math/lp/solver.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { describeEngine } from "../../formats/read-engine.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { StrategyChoice } from "../../planner/portfolio/strategies.js";
import { placeBaseline, respectPins, type BaselineName } from "../../planner/starts/baselines.js";
import type { BatchingName } from "../../engines/helix/batchings.js";
import { nearlyEqual } from "../../core/tolerance.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import type { Obstacle } from "../../planner/problem/obstacle.js";
import { nothingFound } from "./nothing-found.js";
import { describePlacement } from "../../planner/result/placement-file.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import type { SearchProgress } from "../../planner/portfolio/search.js";
import { problemFor } from "../served/problem-for.js";
import { memoryOf } from "./part-looks.js";
import type { NodesOptions } from "./part-search.js";
import { DEFAULT_GAP, underAnyParts } from "./part-bound.js";
import { planParts } from "./plan-parts.js";
import { planPromised } from "./plan-promised.js";
import { planSteps } from "./plan-steps.js";
import { planSurviving } from "./plan-surviving.js";
import { defaultObjective } from "./default-objective.js";
import { startClock } from "./step-clock.js";
import { searchFor } from "./search-for.js";
import { withArriving } from "./serve-arriving.js";
import { VERSION } from "../../core/version.js";

/** How to plan. Everything has a default. */
export interface PlanOptions extends EngineAsked {
  /** Seconds of wall clock. Default 60 without an iteration limit, none with one. */
  readonly timeLimitSeconds?: number;
  /** Steps per strategy instead of the clock: with it, the result depends on nothing but the inputs. */
  readonly iterationLimit?: number;
  /** Stop when (bound − throughput) / bound ≤ gap. Default 0.01. */
  readonly gap?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default true. */
  readonly partialInference?: boolean;
  readonly constraints?: PlacementConstraints;
  /** Default "highs". */
  readonly solver?: SolverName;
  /** "flow": most tokens/s through the network; "served": most decode tokens/s at full load; "goodput": the highest rate of arrivals that keeps limits on latency, without such limits as served; "latency": least seconds per token for one user alone. Default "served" where machines are described by their cards. */
  readonly objective?: PlacementFile["objective"];
  /** What a goodput plan must keep in the simulator. */
  readonly limits?: ServiceLimits;
  /** Prompt and output tokens/s that are to arrive: whether a plan keeps the limits at just these is tried as well. */
  readonly wantedRate?: number;
  /** How nodes form batches, for goodput. Default the engine's own. */
  readonly batching?: BatchingName;
  /** Default "portfolio". For the objective "flow". */
  readonly strategy?: StrategyChoice;
  /** Place by this known method instead of searching; the bounds are those of compute alone. */
  readonly baseline?: BaselineName;
  /** Cards work together as they do in the cluster given: no other way to share them out is looked at. */
  readonly keepCards?: boolean;
  /** Where many clusters are compared: sizes of a step are tried with what larger ones have found, and none is planned for alone. */
  readonly stepsInBrief?: boolean;
  /** Where many clusters are compared: what trials of chains have shown in the plans before, so that alike ones are not made again. */
  readonly trials?: TrialMemories;
  /** Whether the tokens of a step are chosen, too: the engine's own, or halves of it where that serves more. Default where nobody has set them, for what is served in chains. */
  readonly chooseBatchTokens?: boolean;
  /** A placement to start from; one that is not legal here is ignored, and said so in the progress. */
  readonly warmStart?: Placement;
  /** Tokens of the step that it was planned for, where its file says so: within limits on latency that size is planned for first. */
  readonly warmStartStep?: number | undefined;
  /** Whether what is served is also said for as much arriving at random: a run more. Default false. */
  readonly alsoArriving?: boolean;
  /** Worker threads; 0 searches in the calling thread. Default 2. */
  readonly threads?: number;
  /** SHA-256 that stands in the placement file. */
  readonly clusterSha256?: string;
  /** Stops the search and keeps the best placement so far. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
}

export type PlanOutcome =
  | {
      readonly kind: "planned";
      readonly placement: Placement;
      readonly file: PlacementFile;
      /** Whose nodes the placement is of: the one asked about, its cards shared out as was chosen. */
      readonly cluster: Cluster;
      /** What a baseline left out, and why. */
      readonly notes?: readonly string[];
    }
  /** No placement exists, with the reason. */
  | { readonly kind: "infeasible"; readonly obstacle: Obstacle }
  /** The baseline asked for makes nothing of this cluster, or not under these constraints. */
  | { readonly kind: "baseline-impossible"; readonly reason: string }
  /** No placement found keeps the limits; this one comes nearest, by simulation. */
  | {
      readonly kind: "limits-missed";
      readonly nearest: ServiceFigures;
      readonly placement: Placement;
      /** Under what load: limits on latency are judged at rates of arrivals, prompt and output tokens/s. */
      readonly at: "full load" | "light load" | number;
      /** Lower rates than this were not tried. */
      readonly outOfTime?: boolean;
    }
  /** The search ended before it found a placement with any throughput. */
  | {
      readonly kind: "not-found";
      readonly termination: PlacementFile["termination"];
      /** What was tried, failures among it. */
      readonly strategies: PlacementFile["solve"]["strategies"];
    };

const DEFAULT_TIME_LIMIT = 60;
const DEFAULT_THREADS = 2;

/**
 * Finds a layer placement with the highest throughput (or goodput) and a proven upper bound on its flow;
 * where machines have several cards to share out, the parts of every machine as well.
 * The placement returned was re-checked by `checkPlacement`, which shares no code with the search.
 * @throws SolverError when the solver cannot be loaded, BugError when the re-check fails.
 */
export async function plan(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
): Promise<PlanOutcome> {
  const { limit, elapsed } = startClock(options, ports);
  const outcome = await planPromised(cluster, options, ports, planAll);
  const alone = options.alsoArriving !== true || options.signal?.aborted === true;
  return alone || outcome.kind !== "planned"
    ? outcome
    : withArriving(outcome, options, () => limit - elapsed());
}

/** With the choice of a step, where there is one, and of nodes that may be lost. */
function planAll(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
): Promise<PlanOutcome> {
  const { constraints } = options;
  const plans = { any: planAny, nodes: planNodes };
  if (constraints?.survive === undefined || options.chooseBatchTokens === true)
    return planSteps(cluster, options, ports, plans);
  const asked = { ...options, constraints: { ...constraints, survive: constraints.survive } };
  return planSurviving(cluster, asked, ports, plans);
}

/** With the choice of parts, where there is one. */
function planAny(
  cluster: Cluster,
  options: NodesOptions,
  ports: GoodputPorts,
): Promise<PlanOutcome> {
  if (cluster.parting === undefined) return planNodes(cluster, options, ports);
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  if (options.baseline === undefined && options.keepCards !== true)
    return planParts(rated, options, ports, planNodes);
  return planNodes(cluster, options, ports).then((outcome) =>
    underAnyParts(problemFor(rated, options), chosen.engine, outcome, options.gap),
  );
}

/** The same for the nodes that the cluster has. */
async function planNodes(
  whole: Cluster,
  options: NodesOptions,
  ports: GoodputPorts,
): Promise<PlanOutcome> {
  const started = ports.now();
  const { cluster: given, chosen } = clusterUnder(whole, options);
  const { choice } = chosen;
  const { problem, obstacle } = settleRoom(problemFor(given, options));
  if (obstacle !== undefined) return { kind: "infeasible", obstacle };
  const { cluster } = problem;

  const gap = options.gap ?? DEFAULT_GAP;
  const seed = options.seed ?? 1;
  const { baseline } = options;
  const known = baseline === undefined ? undefined : placeBaseline(cluster, baseline, seed);
  if (known?.kind === "impossible") return { kind: "baseline-impossible", reason: known.reason };
  const unlimited = options.iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity;
  const shared = {
    timeLimitSeconds: options.timeLimitSeconds ?? unlimited,
    iterationLimit: options.iterationLimit,
    gap,
    seed,
    solver: options.solver ?? "highs",
    threads: options.threads ?? DEFAULT_THREADS,
    warmStart:
      known === undefined ? options.warmStart : respectPins(known.placement, problem.constraints),
    signal: options.signal,
    onProgress: options.onProgress,
  } as const;
  const objective =
    known === undefined
      ? (options.objective ?? defaultObjective(cluster, chosen, options))
      : "flow";
  const aimed = await searchFor(
    objective,
    problem,
    {
      shared,
      options,
      chosen,
      // Ends charged exactly make other machine types.
      memory:
        cluster.machines === given.machines ? memoryOf(given, chosen.engine, options) : undefined,
      before: options.before,
      known: known !== undefined,
    },
    ports,
  );
  if (aimed.kind === "limits-missed") return aimed;
  const { found, placement, estimate, served, latency, processorShare } = aimed;
  for (const tried of aimed.onTrial ?? [])
    options.finalists?.push({ ...tried, cluster: whole, constraints: options.constraints });
  if (placement === undefined) return nothingFound(found, baseline !== undefined);
  const throughput = measureThroughput(problem, placement);
  if (throughput > found.upperBound && !nearlyEqual(throughput, found.upperBound)) {
    throw new BugError(`bound "${found.boundName}" ${found.upperBound} is below ${throughput}`);
  }
  const file = describePlacement(cluster, placement, {
    clusterSha256: options.clusterSha256 ?? "",
    objective,
    problem,
    upperBound: found.upperBound,
    boundName: found.boundName,
    gapAsked: gap,
    termination: found.termination,
    solve: {
      seconds: ports.now() - started,
      seed,
      strategies: found.log,
      ...(processorShare === undefined ? {} : { processorShare }),
      versions: { "helix-place": VERSION, ...found.versions },
    },
    ...(estimate === undefined ? {} : { estimate }),
    ...describeEngine(choice),
    ...(served === undefined ? {} : { served }),
    ...(latency === undefined ? {} : { latency }),
  });
  requirePlacement(cluster, file);
  return {
    kind: "planned",
    placement,
    file,
    cluster,
    ...(known === undefined ? {} : { notes: known.notes }),
  };
}
