import type { Cluster, Machine } from "../core/cluster.js";
import type { Model } from "../core/model.js";
import { partCluster, partitionOf, type Partition } from "../core/parting.js";
import type { Placement } from "../core/placement.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { reachOfServed } from "../serving/plan/judge-served.js";
import type { TrialMemories } from "../serving/served/chains/trial-memories.js";
import { plan, type PlanOptions, type PlanOutcome } from "../serving/plan/plan.js";
import { writeBoughtFile } from "./bought-file.js";
import { priceOf, type Market } from "./market.js";
import type { MixProgress } from "./mix-search.js";
import type { Goal, Purchase } from "./purchase.js";
import { priceOfFile } from "./entry-price.js";
import { describeOutcome, type ScenarioPlanning } from "./scenario.js";
import type { ScenarioResult } from "./scenario-result.js";

export interface BuyOptions {
  readonly goal: Goal;
  /** `timeLimitSeconds` is for everything together; `iterationLimit` for each plan. */
  readonly planning: ScenarioPlanning;
  readonly threads: number;
  readonly referencedModel?: Model;
  /** Mixes are planned in brief to be compared; this is for the one that is bought. */
  readonly thorough?: boolean;
  /** What trials have shown in the plans of other mixes. */
  readonly trials?: TrialMemories;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MixProgress & { readonly round: number }) => void;
}

/** Clusters this small are planned in the calling thread: starting threads would take longer. */
const SMALL = 12;
/** Bounds are rounded outwards by less than this: no plan closes a finer gap. */
const FINEST_GAP = 2e-6;

/** A placement, and how the cards of the machines are shared out whose parts it places. */
export interface PartedPlacement {
  readonly placement: Placement;
  readonly partition: Partition;
}

/** What a plan of these machines placed. */
export function partedPlacement({
  cluster,
  placement,
}: Pick<
  Extract<PlanOutcome, { readonly kind: "planned" }>,
  "cluster" | "placement"
>): PartedPlacement {
  return { placement, partition: partitionOf(cluster) };
}

/** A mix, and what no mix can do. */
export interface FoundMix {
  readonly best: { readonly counts: readonly number[]; readonly throughput: number } | undefined;
  readonly start: PartedPlacement | undefined;
  readonly bound: number;
  readonly evaluated: number;
  readonly neededPrice?: number;
  /** When the first mix was planned, on the ports' clock. */
  readonly firstAt: number;
}

/** Plans a mix for itself: only figures of this plan stand in the answer. */
export async function planPurchase(
  market: Market,
  found: FoundMix,
  options: BuyOptions,
  resolve: (counts: readonly number[]) => Cluster,
  seconds: number,
  ports: SearchPorts,
): Promise<Omit<Purchase, "capacities" | "reference" | "rounds" | "mixesPlanned">> {
  const { goal } = options;
  const { best, bound } = found;
  if (best === undefined) {
    const nothing = { mix: undefined, pricePerHour: 0, searchThroughput: 0, gap: 1 };
    const { neededPrice } = found;
    return {
      goal,
      bound,
      ...nothing,
      result: undefined,
      placement: undefined,
      file: undefined,
      ...(neededPrice === undefined ? {} : { neededPrice }),
    };
  }
  const { start } = found;
  const resolved = resolve(best.counts);
  const cluster = start === undefined ? resolved : partCluster(resolved, start.partition);
  const pricePerHour = priceOf(market.offers, best.counts);
  const planned = {
    ...planOptions(cluster, options, seconds),
    stepsInBrief: options.thorough !== true,
    ...(start === undefined ? {} : { warmStart: start.placement }),
  };
  const within =
    goal.kind === "budget" || goal.limits === undefined
      ? {}
      : ({
          objective: "goodput",
          limits: { statistic: "mean", ...goal.limits },
          wantedRate: goal.tokensPerSecond,
        } as const);
  const outcome = await plan(cluster, { ...planned, ...within }, ports);
  const keptPrice = priceOfFile(market.base);
  const costPerHour = keptPrice === undefined ? undefined : keptPrice + pricePerHour;
  const result = describeOutcome("bought", cluster, outcome, {
    costPerHour,
    partialInference: options.planning.partialInference,
  });
  // Where T(k) depends on the mix, only the search's own throughput compares with its bound.
  const given = cluster.machines.every(isOwn);
  // Counts that no search has planned have none.
  const own = best.throughput > 0 && !given;
  const reached = own ? best.throughput : Math.max(result.throughput, best.throughput);
  const [far, near] =
    goal.kind === "budget" ? [bound, reached] : [pricePerHour, Math.min(bound, pricePerHour)];
  const gap = far === 0 ? 0 : Math.max(0, (far - near) / far);
  return {
    goal,
    bound,
    gap,
    pricePerHour,
    searchThroughput: best.throughput,
    result,
    placement: outcome.kind === "planned" ? outcome.file : undefined,
    file: writeBoughtFile(market, best.counts),
    mix: market.offers.flatMap(({ machine, region, pricePerHour: each }, offer) => {
      const count = best.counts[offer]!;
      const place = region === undefined ? {} : { region };
      return count === 0 ? [] : [{ machine, ...place, count, pricePerHour: each }];
    }),
  };
}

/** Whether T(k) is the machine's own, whatever mix it is in: given, or what its engine does at most. */
export function isOwn({ capacity }: Machine): boolean {
  return capacity.source === "given" || capacity.inMix !== undefined || capacity.maxLayers === 0;
}

export function planOptions(cluster: Cluster, options: BuyOptions, seconds: number): PlanOptions {
  const { planning, threads, signal, trials } = options;
  const { timeLimitSeconds: _, ...rest } = planning;
  return {
    ...rest,
    gap: Math.max(planning.gap / 4, FINEST_GAP),
    threads: cluster.nodes.length <= SMALL ? 0 : threads,
    ...(trials === undefined ? {} : { trials }),
    ...(planning.iterationLimit === undefined ? { timeLimitSeconds: seconds } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * Prompt and output tokens/s that users get: what is served where that was simulated, under limits the rate of
 * arrivals that keeps them; else the flow.
 */
export function reachOf(result: ScenarioResult | undefined): number {
  return result?.served === undefined ? (result?.throughput ?? 0) : reachOfServed(result.served);
}

/**
 * The same of two mixes that are compared: where only one of them was simulated, their flows, as the flow of the one is not what the
 * other serves.
 */
export function reachOfBoth(
  a: ScenarioResult | undefined,
  b: ScenarioResult | undefined,
): readonly [number, number] {
  const alike = (a?.served === undefined) === (b?.served === undefined);
  if (alike || a === undefined || b === undefined) return [reachOf(a), reachOf(b)];
  return [a.throughput, b.throughput];
}

/**
 * Target: serves rather than not, then cheaper. Budget: more tokens/s. By the mix's own plan; of
 * equals the later, whose bound is for T(k) nearer to its own. Machines that carry nothing are no better than none.
 */
export function isBetter(goal: Goal, purchase: Purchase, than: Purchase): boolean {
  const [a, b] = reachOfBoth(purchase.result, than.result);
  const noLess = a >= b * (1 - 1e-4);
  if (a === 0 && than.mix === undefined) return false;
  if (goal.kind === "budget") return noLess;
  const serves = (throughput: number): boolean => throughput >= goal.tokensPerSecond * (1 - 1e-6);
  if (serves(a) !== serves(b)) return serves(a);
  return serves(a) ? purchase.pricePerHour <= than.pricePerHour : noLess;
}
