import type { Cluster, Machine } from "../core/cluster.js";
import type { Solver } from "../math/lp/solver.js";
import type { Model } from "../core/model.js";
import type { Placement } from "../core/placement.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { writeBoughtFile } from "./bought-file.js";
import { findBestMix } from "./find-best-mix.js";
import { findCheapestMix } from "./find-cheapest-mix.js";
import { buyMix, priceOf, type Market } from "./market.js";
import { buildMixProblem, selectMix } from "./mix-problem.js";
import type { MixHints, MixProgress } from "./mix-search.js";
import { plan, type PlanOptions } from "../serving/plan/plan.js";
import { planUntil } from "../serving/plan/plan-until.js";
import type { Goal, Purchase } from "./purchase.js";
import { openGoodputModel } from "../serving/served/goodput-search.js";
import { createLimitsJudge, type LimitedGoal, type LimitsJudge } from "./purchase-limits.js";
import { describeOutcome, priceCluster, type ScenarioPlanning } from "./scenario.js";
import type { SearchPorts } from "../planner/portfolio/search.js";

export interface BuyOptions {
  readonly goal: Goal;
  /** `timeLimitSeconds` is for everything together; `iterationLimit` for each plan. */
  readonly planning: ScenarioPlanning;
  readonly threads: number;
  readonly referencedModel?: Model;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MixProgress & { readonly round: number }) => void;
}

/** No further mix is tried in less than this. */
const LEAST_SECONDS = 2;
/** A round gets all the time there is when less is left than this many times what the first mix took. */
const ROOMY = 2.5;
/** No round begins when less is left. */
const ENOUGH = 1.3;
/** Rounds of taking the mix found as the mix that settles T(k). */
const MOST_ROUNDS = 3;
/** Change of a plan by its own T(k) that is worth another round. */
const SETTLED = 0.01;
/** Clusters this small are planned in the calling thread: starting threads would take longer. */
const SMALL = 12;
const DEFAULT_TIME_LIMIT = 60;
/** Bounds are rounded outwards by less than this: no plan closes a finer gap. */
const FINEST_GAP = 2e-6;

/**
 * What to buy, with a bound. Integer numbers of machines are searched against the configuration LP
 * and planned ({@link findBestMix}, {@link findCheapestMix}). Where T(k) depends on the mix (Helix's
 * typical throughput), it is held fixed during a search: first as if everything on offer were
 * there, then as in the mix found, until that changes the plan by no more than 1 %. With limits, a mix
 * that carries the target serves it only if the steady-state model says that its plan keeps them
 * at that load.
 * @throws InputError when the market's machines make no sense, or have no timing curves to judge limits
 * by, SolverError.
 */
export async function buyMachines(
  market: Market,
  options: BuyOptions,
  ports: SearchPorts,
): Promise<Purchase> {
  const { goal, planning, referencedModel } = options;
  const limit =
    planning.timeLimitSeconds ??
    (planning.iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity);
  const deadline = ports.now() + limit;
  const left = (): number => Math.max(0.1, deadline - ports.now());
  const solver = await ports.loadSolver(planning.solver);
  const all = market.offers.map(({ available }) => available);
  const resolve = (counts: readonly number[]): Cluster =>
    resolveCluster("the machines on offer", buyMix(market, counts), referencedModel);
  let everything = resolve(all);
  const judge = hasLimits(goal) ? createLimitsJudge(goal, planning.partialInference) : undefined;
  if (judge !== undefined) openGoodputModel(everything, "layerwise");
  const dependent = !everything.machines.every(isOwn);
  let best: Purchase | undefined;
  let slow = false;
  /** Seconds from the start of a round to its first mix planned. */
  let needed = 0;
  let reference: Purchase["reference"] = "everything on offer";
  for (let round = 1; ; round++) {
    // A round that would be cut off before its first good mix is not begun beside another.
    const last = !dependent || round === MOST_ROUNDS || left() < ROOMY * needed;
    const begun = ports.now();
    const until = ports.now() + left() * (last || slow ? 0.9 : 0.4);
    const pressed = { ...options, until, round, judge, resolve };
    const found = await searchMix(market, everything, pressed, solver, ports);
    const seconds = left() * (last ? 1 : 0.2);
    needed = Math.max(needed, found.firstAt - begun);
    const cut = ports.now() >= until - LEAST_SECONDS && options.signal?.aborted !== true;
    if (cut && !last && found.best === undefined) {
      // A slow machine: the search gets most of what is left for another go.
      slow = true;
      continue;
    }
    const purchase = await planPurchase(market, found, pressed, resolve, seconds, ports);
    const summary: Purchase = {
      ...purchase,
      capacities: dependent ? "fixed" : "given",
      reference,
      rounds: round,
      mixesPlanned: found.evaluated + (best?.mixesPlanned ?? 0),
      ...describeNearest(purchase, judge),
    };
    if (best === undefined || isBetter(goal, summary, best)) best = summary;
    else best = { ...best, rounds: round, mixesPlanned: summary.mixesPlanned };
    if (last || found.best === undefined || purchase.result === undefined) return best;
    const change = Math.abs(purchase.result.throughput / found.best.throughput - 1);
    if (
      change <= SETTLED ||
      left() < Math.max(1, ENOUGH * needed) ||
      options.signal?.aborted === true
    )
      return best;
    reference = "the mix of the round before";
    everything = { ...everything, machines: resolve(found.best.counts).machines };
  }
}

function hasLimits(goal: Goal): goal is LimitedGoal {
  return goal.kind === "target" && goal.limits !== undefined;
}

function describeNearest(
  { mix }: Pick<Purchase, "mix">,
  judge: LimitsJudge | undefined,
): Pick<Purchase, "nearest"> {
  const nearest = judge?.nearest();
  return mix !== undefined || nearest === undefined ? {} : { nearest };
}

interface FoundMix {
  readonly best: { readonly counts: readonly number[]; readonly throughput: number } | undefined;
  readonly placement: Placement | undefined;
  readonly bound: number;
  readonly evaluated: number;
  readonly neededPrice?: number;
  /** When the first mix was planned, on the ports' clock. */
  readonly firstAt: number;
}

async function searchMix(
  market: Market,
  everything: Cluster,
  options: BuyOptions & {
    readonly until: number;
    readonly round: number;
    readonly judge: LimitsJudge | undefined;
    /** A mix with T(k) of its own. */
    readonly resolve: (counts: readonly number[]) => Cluster;
  },
  solver: Solver,
  ports: SearchPorts,
): Promise<FoundMix> {
  const { goal, planning, until, round, judge, resolve, onProgress } = options;
  let firstAt: number | undefined;
  const problem = buildMixProblem(everything, market.offers, planning.partialInference);
  const placements = new Map<string, Placement>();
  // A plan cut short after a second says little: the last of the time is for the mix found.
  const shouldStop = (): boolean =>
    options.signal?.aborted === true || ports.now() >= until - LEAST_SECONDS;
  const searchPorts = {
    shouldStop,
    evaluate: async (counts: readonly number[], { start, enough }: MixHints) => {
      const cluster = selectMix(everything, market.offers, counts);
      if (cluster.nodes.length === 0) return { throughput: 0, upperBound: 0 };
      const seconds = Math.max(LEAST_SECONDS, (until - ports.now()) / 2);
      const outcome = await planUntil(
        enough,
        cluster,
        {
          ...planOptions(cluster, options, seconds),
          objective: "flow",
          ...(start === undefined ? {} : { warmStart: start }),
        },
        ports,
      );
      if (outcome.kind === "infeasible") return { throughput: 0, upperBound: 0 };
      if (outcome.kind !== "planned") return { throughput: 0, upperBound: Infinity };
      placements.set(counts.join(), outcome.placement);
      firstAt ??= ports.now();
      const { throughput, upperBound } = outcome.file;
      // A mix that misses the limits serves nothing, and proves nothing: another placement may keep them.
      const price = priceOf(market.offers, counts);
      if (throughput >= enough && judge?.keeps(resolve(counts), outcome.placement, price) === false)
        return { throughput: 0, upperBound };
      return { throughput, upperBound };
    },
    ...(onProgress === undefined
      ? {}
      : { onProgress: (progress: MixProgress) => onProgress({ ...progress, round }) }),
  };
  const { gap } = planning;
  const found =
    goal.kind === "budget"
      ? await findBestMix(problem, { ...goal, gap }, solver, searchPorts)
      : await findCheapestMix(problem, { ...goal, gap }, solver, searchPorts);
  return {
    ...found,
    placement: placements.get(found.best?.counts.join() ?? ""),
    firstAt: firstAt ?? ports.now(),
  };
}

async function planPurchase(
  market: Market,
  found: FoundMix,
  options: BuyOptions & { readonly judge: LimitsJudge | undefined },
  resolve: (counts: readonly number[]) => Cluster,
  seconds: number,
  ports: SearchPorts,
): Promise<Omit<Purchase, "capacities" | "reference" | "rounds" | "mixesPlanned">> {
  const { goal, judge } = options;
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
  const cluster = resolve(best.counts);
  const pricePerHour = priceOf(market.offers, best.counts);
  const planned = {
    ...planOptions(cluster, options, seconds),
    ...(found.placement === undefined ? {} : { warmStart: found.placement }),
  };
  // Under limits the placement that was judged is wanted, not one that carries more.
  const outcome =
    goal.kind === "target" && judge !== undefined
      ? await planUntil(goal.tokensPerSecond, cluster, { ...planned, objective: "flow" }, ports)
      : await plan(cluster, planned, ports);
  const bought = best.counts.reduce((sum, count) => sum + count, 0);
  const kept = { ...cluster, nodes: cluster.nodes.slice(0, cluster.nodes.length - bought) };
  const keptPrice = priceCluster(kept);
  const costPerHour = keptPrice === undefined ? undefined : keptPrice + pricePerHour;
  const result = describeOutcome("bought", cluster, outcome, {
    costPerHour,
    partialInference: options.planning.partialInference,
  });
  // Where T(k) depends on the mix, only the search's own throughput compares with its bound.
  const given = cluster.machines.every(isOwn);
  const reached = given ? Math.max(result.throughput, best.throughput) : best.throughput;
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
    ...(judge === undefined || outcome.kind !== "planned"
      ? {}
      : { service: judge.judge(cluster, outcome.placement) }),
    mix: market.offers.flatMap(({ machine, region, pricePerHour: each }, offer) => {
      const count = best.counts[offer]!;
      const place = region === undefined ? {} : { region };
      return count === 0 ? [] : [{ machine, ...place, count, pricePerHour: each }];
    }),
  };
}

/** Whether T(k) is the machine's own, whatever mix it is in: given, or what its engine does at most. */
function isOwn({ capacity }: Machine): boolean {
  return capacity.source === "given" || capacity.inMix !== undefined || capacity.maxLayers === 0;
}

function planOptions(cluster: Cluster, options: BuyOptions, seconds: number): PlanOptions {
  const { planning, threads, signal } = options;
  const { timeLimitSeconds: _, ...rest } = planning;
  return {
    ...rest,
    gap: Math.max(planning.gap / 4, FINEST_GAP),
    threads: cluster.nodes.length <= SMALL ? 0 : threads,
    ...(planning.iterationLimit === undefined ? { timeLimitSeconds: seconds } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * Target: serves rather than not, then cheaper. Budget: more tokens/s. By the mix's own plan; of
 * equals the later, whose bound is for T(k) nearer to its own.
 */
function isBetter(goal: Goal, purchase: Purchase, than: Purchase): boolean {
  const [a, b] = [purchase.result?.throughput ?? 0, than.result?.throughput ?? 0];
  const noLess = a >= b * (1 - 1e-4);
  if (goal.kind === "budget") return noLess;
  const serves = (throughput: number, { service }: Purchase): boolean =>
    throughput >= goal.tokensPerSecond * (1 - 1e-6) && (service?.missedBy ?? 0) === 0;
  if (serves(a, purchase) !== serves(b, than)) return serves(a, purchase);
  return serves(a, purchase) ? purchase.pricePerHour <= than.pricePerHour : noLess;
}
