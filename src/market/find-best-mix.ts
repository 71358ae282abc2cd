import { truncatedSumBound } from "../planner/coverings/compute-bounds.js";
import type { Solver } from "../math/lp/solver.js";
import { createMixLevels, type MixLevels } from "./mix-levels.js";
import type { MixProblem } from "./mix-problem.js";
import type { Placement } from "../core/placement.js";
import { createMixLog, regionsOf, type EvaluatedMix, type MixSearchPorts } from "./mix-search.js";
import { createStagedMixes } from "./staged-mix.js";

export interface BudgetOptions {
  readonly dollarsPerHour: number;
  /** Stop at this relative distance to the bound. */
  readonly gap: number;
}

export interface BestMix {
  /** Undefined: no mix within the budget was found that carries anything. */
  readonly best: EvaluatedMix | undefined;
  /** No mix within the budget carries more tokens/s, at the capacities of the search. */
  readonly bound: number;
  readonly evaluated: number;
  /** Where no affordable mix holds the model: dollars per hour of the cheapest that does, links aside. */
  readonly neededPrice?: number;
}

/** Relative width at which the bisection of the bound ends: the least, and the most, as a share of the gap asked for. */
const FINEST = 1e-4;
const COARSEST = 1e-3;
const GAP_SHARE = 0.05;
/** Less than this share of what everything on offer carries counts as nothing. */
const LEAST = 1e-9;

/**
 * The mix within a budget that carries most. First the least throughput that no affordable mix can
 * reach as far as machines alone decide (bisection over {@link MixLevels}); then the mixes below it
 * are planned, best level first: a mix that carries less than a level although the models let it
 * is excluded from that level with all that is within it, and its own bound counts instead.
 * Exact when plans are; otherwise the bound says how far it may be.
 */
export async function findBestMix(
  problem: MixProblem,
  options: BudgetOptions,
  solver: Solver,
  ports: MixSearchPorts,
): Promise<BestMix> {
  const { dollarsPerHour: budget, gap } = options;
  const levels = createMixLevels(problem, solver, ports.shouldStop);
  const log = createMixLog(problem, ports);
  let best: EvaluatedMix | undefined;
  const precision = Math.min(COARSEST, Math.max(FINEST, gap * GAP_SHARE));
  const bracket = bisectBound(problem, levels, { budget, precision }, ports);
  let ceiling = bracket.infeasible;

  const firstCeiling = ceiling;
  const bound = (): number =>
    Math.min(
      firstCeiling,
      log.all.reduce((most, { upperBound }) => Math.max(most, upperBound), ceiling),
    );
  const found = (): number => best?.throughput ?? 0;
  const closed = (): boolean => bound() - found() <= Math.max(gap, 1e-9) * bound();
  const evaluate = async (counts: readonly number[], start?: Placement): Promise<void> => {
    const enough = bound() * (1 - gap);
    const mix = await log.evaluate(counts, start === undefined ? { enough } : { enough, start });
    if (mix.throughput > found()) best = mix;
    ports.onProgress?.({ best, bound: bound() });
  };
  const affordable = (flow: number, region?: string): readonly number[] | "none" | "stopped" => {
    const excluded = log.all.filter((mix) => mix.throughput < flow).map(({ counts }) => counts);
    const outcome = levels.cheapest({ flow, excluded, region, mostPrice: budget });
    return outcome.kind === "choice" ? outcome.choice.counts : outcome.kind;
  };

  /** The model's cheapest mix that carries anything. */
  const cheapestAtAll = (): Pick<BestMix, "neededPrice"> => {
    const { most } = bracket;
    const outcome = levels.cheapest({ flow: most * LEAST, excluded: [] });
    return outcome.kind === "choice" ? { neededPrice: outcome.choice.pricePerHour } : {};
  };

  try {
    if (bracket.feasible === 0 && !ports.shouldStop()) {
      return { best, bound: bound(), evaluated: 0, ...cheapestAtAll() };
    }
    const staged = createStagedMixes(problem, solver, ports.shouldStop).most(budget, ceiling);
    if (staged !== undefined) await evaluate(staged.counts, staged.placement);
    if (closed()) return { best, bound: Math.max(found(), bound()), evaluated: log.all.length };
    const top = affordable(ceiling * (1 - 2 * precision));
    if (typeof top !== "string") await evaluate(top);
    const regions = regionsOf(problem);
    if (regions.length > 1 && !closed()) {
      for (const region of regions) {
        if (ports.shouldStop()) break;
        const { feasible } = bisectBound(problem, levels, { budget, precision, region }, ports);
        const alone = feasible > found() ? affordable(feasible, region) : "none";
        if (typeof alone !== "string") await evaluate(alone);
      }
    }
    // Where links let nothing through, halving would never come to an end.
    const least = bracket.most * LEAST;
    while (
      bracket.feasible > 0 &&
      !ports.shouldStop() &&
      ceiling > found() * (1 + 1e-9) &&
      !closed()
    ) {
      const near = ceiling - found() <= 20 * precision * ceiling;
      const middle = Math.max((ceiling + found()) / 2, least);
      const level = near ? found() * (1 + 1e-7) + 1e-12 : middle;
      const counts = affordable(level);
      if (counts === "stopped") break;
      if (counts === "none") ceiling = level;
      else await evaluate(counts);
      if ((near || level === least) && counts === "none") break;
    }
    // Whatever the clock says: an answer that is far from the bound is better than none.
    if (best === undefined && bracket.choice !== undefined) await evaluate(bracket.choice);
  } finally {
    levels.dispose();
  }
  return {
    best,
    bound: Math.max(found(), bound()),
    evaluated: log.all.length,
  };
}

interface Bracket {
  /** What everything on offer carries at most. */
  readonly most: number;
  readonly feasible: number;
  readonly infeasible: number;
  /** A mix that the models let carry `feasible`. */
  readonly choice: readonly number[] | undefined;
}

/** The bracket of the most that affordable machines can carry, links aside. */
function bisectBound(
  problem: MixProblem,
  levels: MixLevels,
  {
    budget,
    precision,
    region,
  }: { readonly budget: number; readonly precision: number; readonly region?: string },
  { shouldStop }: MixSearchPorts,
): Bracket {
  const classes = problem.classes.map(({ options }) => ({ nodes: [], options }));
  const most = truncatedSumBound(classes, problem.layers, problem.groups);
  let infeasible = most;
  let feasible = 0;
  let choice: readonly number[] | undefined;
  let flow = infeasible * LEAST;
  while (infeasible - feasible > precision * infeasible && !shouldStop()) {
    const outcome = levels.cheapest({ flow, excluded: [], region, mostPrice: budget });
    if (outcome.kind === "stopped") break;
    if (outcome.kind === "none") infeasible = flow;
    else {
      feasible = flow;
      ({ counts: choice } = outcome.choice);
    }
    if (feasible === 0) break;
    flow = (feasible + infeasible) / 2;
  }
  return { most, feasible, infeasible, choice };
}
