import type { Cluster } from "../../core/cluster.js";
import type { Partition } from "../../core/parting.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { boundFlowOfParts, type FlowBound } from "../../planner/parts/bound-parts.js";
import { boundBoth } from "../served/bound-served.js";
import { limitsOnLatency } from "../served/limits.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { problemFor } from "../served/problem-for.js";
import { defaultObjective } from "./default-objective.js";
import { DEFAULT_GAP, boundExactly, underBound, underServedBound } from "./part-bound.js";
import { partConstraints } from "./part-constraints.js";
import { createPartLooks, type PartLook } from "./part-looks.js";
import type { NodesOptions, PlanNodes } from "./part-search.js";
import { describeSpace } from "./part-space.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

const DEFAULT_TIME_LIMIT = 60;
/** Share of the time in which partitions get their looks. */
const LOOKS = 0.4;
/** Share of it after which the best of them are not improved any more. */
const MOVES = 0.55;
/** Share of it after which no trial of a look may end. */
const LONGEST_LOOKS = 0.5;
/** Share of the time for a bound on the flow of all partitions. */
const BOUND = 0.1;
/** Partitions that are planned to the end at most, the best by their looks. */
const MOST_PLANNED = 4;
/** One whose look serves less than this share of the best plan is not planned; */
const CLOSE = 0.97;
/** where nodes form batches of their own, less than this share of the best look: there a plan may serve more than chains do. */
const CLOSE_LOOKS = 0.85;
/** Share of the time after which no plan goes on: its last run is to come. */
const PLANS = 0.9;
/** With less time than this left, one partition alone is planned. */
const SHORT_SECONDS = 10;
/** Least seconds of a plan that are worth its start. */
const LEAST_SECONDS = 1;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/**
 * Plans what serves most, within limits on latency where there are any, where chains share nothing, with the choice how cards work
 * together: under engines of chains, and, without limits, where nodes form batches of their own, of which chains are the obvious plan. What a kind of chain
 * serves is found out once, whichever partition it stands in: partitions are compared by the chains that
 * anybody would make of them, and the best one or two are planned.
 * @returns undefined where this is not what is asked for, or where it finds nothing.
 */
export async function planServedParts(
  cluster: Cluster,
  options: NodesOptions,
  ports: GoodputPorts,
  planNodes: PlanNodes,
): Promise<PlanOutcome | undefined> {
  if (!isForChains(cluster, options)) return undefined;
  const started = ports.now();
  const { iterationLimit } = options;
  const limit =
    options.timeLimitSeconds ?? (iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity);
  const elapsed = (): number => ports.now() - started;
  const stopAt = (share: number) => (): boolean =>
    options.signal?.aborted === true || elapsed() > share * limit;
  const space = describeSpace(cluster, options);
  const looks = createPartLooks(cluster, space, options, {
    ports,
    shouldStop: stopAt(LOOKS),
    secondsLeft: () => LONGEST_LOOKS * limit - elapsed(),
    // A clock ends it; without one a number of partitions does.
    most: Number.isFinite(limit) ? Infinity : MOST_NEAR,
  });
  const looked = await looks.rank();
  if (looked.length === 0) return undefined;
  const inChains = clusterUnder(cluster, options).chosen.engine.batching.kind === "chain";
  // Where nodes batch for themselves it is not chains that a plan ends with: the time is for the plans.
  const ranked = inChains
    ? await looks.improve({
        shouldStop: stopAt(MOVES),
        secondsLeft: () => MOVES * limit - elapsed(),
      })
    : looked;
  const bound = await boundAll(stopAt((inChains ? MOVES : LOOKS) + BOUND));
  const { best, log } = await planBest(ranked);
  if (best === undefined) return undefined;
  const file = underBound(best.file, bound, options.gap ?? DEFAULT_GAP, {
    seconds: elapsed(),
    log,
  });
  return {
    ...best.outcome,
    file: underServedBound(file, mostServed(cluster, options, bound.value)),
  };

  /** A bound on the flow of all partitions; larger steps have shown one that holds for smaller ones. */
  async function boundAll(shouldStop: () => boolean): Promise<FlowBound> {
    if (options.before !== undefined)
      return { value: options.before.upperBound, name: options.before.boundName };
    const solver = await ports.loadSolver(options.solver ?? "highs");
    const problem = problemFor(cluster, options);
    const limits = { ...problem.constraints, shouldStop };
    const flow = boundFlowOfParts(space.parts, space.layers, solver, limits);
    return boundExactly(problem, flow, solver, shouldStop);
  }

  async function planBest(list: readonly PartLook[]): Promise<Best> {
    const log: PlacementFile["solve"]["strategies"] = [...looks.log()];
    let best: Best["best"];
    const served = (): number => best?.file.served?.decodeTokensPerSecond ?? 0;
    const most = limit - elapsed() < SHORT_SECONDS ? 1 : Math.min(MOST_PLANNED, list.length);
    for (const [index, look] of list.slice(0, most).entries()) {
      const left = PLANS * limit - elapsed();
      if (best !== undefined && (left < LEAST_SECONDS || options.signal?.aborted === true)) break;
      // A trial is short: what serves less in the long run than the next one by its trial is no end.
      if (look.worth < (inChains ? CLOSE * served() : CLOSE_LOOKS * list[0]!.worth)) break;
      const seconds = Math.max(LEAST_SECONDS, left / Math.min(2, most - index));
      const outcome = await planOne(look, seconds);
      if (outcome.kind !== "planned") continue;
      log.push(...outcome.file.solve.strategies);
      if (best === undefined || (outcome.file.served?.decodeTokensPerSecond ?? 0) > served())
        best = { outcome, file: outcome.file, partition: look.partition };
    }
    return { best, log };
  }

  function planOne({ placement, chains, parted }: PartLook, seconds: number): Promise<PlanOutcome> {
    const { constraints } = options;
    const mapped =
      constraints === undefined
        ? {}
        : { constraints: partConstraints(cluster, parted, constraints) };
    return planNodes(
      parted,
      {
        ...options,
        ...mapped,
        ...(Number.isFinite(limit) ? { timeLimitSeconds: seconds } : {}),
        warmStart: placement,
        ...(options.before === undefined
          ? {}
          : { before: { ...options.before, starts: [chains] } }),
        memory: looks.memory,
      },
      ports,
    );
  }
}

/** With an iteration limit: partitions near the best one that are looked at. */
const MOST_NEAR = 12;

interface Best {
  readonly best:
    | {
        readonly outcome: Planned;
        readonly file: PlacementFile;
        readonly partition: Partition;
      }
    | undefined;
  readonly log: PlacementFile["solve"]["strategies"];
}

/** Whether partitions are compared by the chains that anybody would make of them. */
export function isForChains(cluster: Cluster, options: PlanOptions): boolean {
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  const objective = options.objective ?? defaultObjective(rated, chosen, options);
  const { pins, maxNodesPerStage } = options.constraints ?? {};
  const free = (pins?.size ?? 0) === 0 && maxNodesPerStage === undefined;
  const { kind } = chosen.engine.batching;
  if (objective === "goodput" && kind === "chain")
    return free && limitsOnLatency(options.limits) !== undefined;
  return free && objective === "served" && kind !== "layerwise";
}

/** Decode tokens/s that no partition serves more than. */
function mostServed(cluster: Cluster, options: PlanOptions, flow: number): number {
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  return boundBoth(problemFor(rated, options), chosen.engine, flow);
}
