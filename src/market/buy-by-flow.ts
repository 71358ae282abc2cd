import type { Cluster } from "../core/cluster.js";
import type { Solver } from "../math/lp/solver.js";

import { resolveCluster } from "../formats/resolve-cluster.js";
import { findBestMix } from "./find-best-mix.js";
import { findCheapestMix } from "./find-cheapest-mix.js";
import { buyMix, type Market } from "./market.js";
import { buildMixProblem, selectMix } from "./mix-problem.js";
import type { MixHints, MixProgress } from "./mix-search.js";
import { planUntil } from "../serving/plan/plan-until.js";
import type { Purchase } from "./purchase.js";
import { openGoodputModel } from "../serving/served/goodput-search.js";
import { hasLimits } from "./purchase-limits.js";
import {
  isBetter,
  isOwn,
  partedPlacement,
  planOptions,
  planPurchase,
  type BuyOptions,
  type FoundMix,
  type PartedPlacement,
} from "./plan-purchase.js";
import type { SearchPorts } from "../planner/portfolio/search.js";

/** No further mix is tried in less than this, nor in less than a share of all the time: of a few seconds each is worth something. */
const LEAST_SECONDS = 2;
const LEAST_SHARE = 0.25;
/** A round gets all the time there is when less is left than this many times what the first mix took. */
const ROOMY = 2.5;
/** No round begins when less is left. */
const ENOUGH = 1.3;
/** Rounds of taking the mix found as the mix that settles T(k). */
const MOST_ROUNDS = 3;
/** Change of a plan by its own T(k) that is worth another round. */
const SETTLED = 0.01;
const DEFAULT_TIME_LIMIT = 60;

/**
 * What to buy, with a bound. Integer numbers of machines are searched against the configuration LP
 * and planned ({@link findBestMix}, {@link findCheapestMix}). Where T(k) depends on the mix (Helix's
 * typical throughput), it is held fixed during a search: first as if everything on offer were
 * there, then as in the mix found, until that changes the plan by no more than 1 %. Limits are for the plan of the
 * mix found alone.
 * @throws InputError when the market's machines make no sense, or have no timing curves to judge limits
 * by, SolverError.
 */
export async function buyByFlow(
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
  if (hasLimits(goal)) openGoodputModel(everything, "layerwise");
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
    const pressed = {
      ...options,
      until,
      round,
      least: Math.min(LEAST_SECONDS, LEAST_SHARE * limit),
    };
    const found = await searchMix(market, everything, pressed, solver, ports);
    const seconds = left() * (last ? 1 : 0.2);
    needed = Math.max(needed, found.firstAt - begun);
    const cut = ports.now() >= until - pressed.least && options.signal?.aborted !== true;
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

async function searchMix(
  market: Market,
  everything: Cluster,
  options: BuyOptions & {
    readonly until: number;
    readonly round: number;
    /** Seconds in which no further mix is tried. */
    readonly least: number;
  },
  solver: Solver,
  ports: SearchPorts,
): Promise<FoundMix> {
  const { goal, planning, until, round, least, onProgress } = options;
  let firstAt: number | undefined;
  const problem = buildMixProblem(everything, market.offers, planning.partialInference);
  const placements = new Map<string, PartedPlacement>();
  // A plan cut short after a second says little: the last of the time is for the mix found.
  const shouldStop = (): boolean =>
    options.signal?.aborted === true || ports.now() >= until - least;
  const searchPorts = {
    shouldStop,
    evaluate: async (counts: readonly number[], { start, enough }: MixHints) => {
      const cluster = selectMix(everything, market.offers, counts);
      if (cluster.nodes.length === 0) return { throughput: 0, upperBound: 0 };
      const seconds = Math.max(least, (until - ports.now()) / 2);
      const outcome = await planUntil(
        enough,
        cluster,
        {
          ...planOptions(cluster, options, seconds),
          objective: "flow",
          // Flow at the engine's own step is the most of all sizes: more fits into a larger one.
          chooseBatchTokens: false,
          ...(start === undefined ? {} : { warmStart: start }),
        },
        ports,
      );
      if (outcome.kind === "infeasible") return { throughput: 0, upperBound: 0 };
      if (outcome.kind !== "planned") return { throughput: 0, upperBound: Infinity };
      const placed = partedPlacement(outcome);
      placements.set(counts.join(), placed);
      firstAt ??= ports.now();
      const { throughput, upperBound } = outcome.file;
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
    start: placements.get(found.best?.counts.join() ?? ""),
    firstAt: firstAt ?? ports.now(),
  };
}
