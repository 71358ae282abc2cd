import type { Solver } from "../math/lp/solver.js";
import { layStages } from "../planner/coverings/lay-stages.js";
import type { StageCount } from "../planner/coverings/stage-master.js";
import type { LayerInterval, Placement } from "../core/placement.js";
import type { MixProblem } from "./mix-problem.js";
import { countByOffer, listStocks, nodesOfMix, type MixStock } from "./mix-stock.js";
import { createStageMarket, type StageMarket, type StageRequest } from "./stage-market.js";
import { listWholeModels, type WholeModels } from "./whole-models.js";

/** A mix that comes with a placement. */
export interface StagedMix {
  readonly counts: readonly number[];
  /** For the cluster of the mix: kept nodes, then offer by offer. */
  readonly placement: Placement;
  /** What it carries where links do not bind, tokens/s. */
  readonly flow: number;
  readonly pricePerHour: number;
}

/** Mixes whose placement is known with them: machines that hold the whole model beside stages. */
export interface StagedMixes {
  /** The one that carries most for a price, none above `ceiling` tokens/s. */
  most(mostPrice: number, ceiling: number): StagedMix | undefined;
  /** The cheapest that carries a flow. */
  cheapest(flow: number, mostPrice: number): StagedMix | undefined;
}

/** Sets of whole-model machines looked into: those whose relaxation leaves most money. */
const MOST_SETS = 3;
/** Where relaxations are compared, as a share of the ceiling. */
const COMPARED = 0.97;
const FIRST_STEP = 5e-3;
const PRECISION = 2e-3;

/**
 * Of every number of machines that hold the whole model, the others form stages for the rest of the
 * flow ({@link createStageMarket}). Heuristic: stages are aligned and stay within regions.
 * Where cards can be shared out it knows of none.
 */
export function createStagedMixes(
  problem: MixProblem,
  solver: Solver,
  shouldStop: () => boolean,
): StagedMixes {
  const { layers } = problem;
  const stocks = listStocks(problem);
  if (stocks === undefined) return { most: () => undefined, cheapest: () => undefined };
  const market = createStageMarket(stocks, problem, solver, shouldStop);

  const requestBeside = (whole: WholeModels, flow: number, mostPrice: number): StageRequest => ({
    flow: flow - whole.flow,
    left: stocks.map(({ available }, s) => available - whole.used[s]!),
    mostPrice: mostPrice - whole.pricePerHour,
  });
  const attempt = (
    whole: WholeModels,
    flow: number,
    mostPrice: number,
    wanted: "first" | "cheapest",
  ): StagedMix | undefined => {
    if (whole.flow >= flow) return layMix(problem, stocks, whole, []);
    const bought = market.buy(requestBeside(whole, flow, mostPrice), wanted);
    return bought === undefined ? undefined : layMix(problem, stocks, whole, bought.stages);
  };
  return {
    most(mostPrice, ceiling) {
      let best: StagedMix | undefined;
      const known = (): number => best?.flow ?? 0;
      const sets = listWholeModels(stocks, layers, mostPrice);
      const order = rank(market, sets, (set) => requestBeside(set, ceiling * COMPARED, mostPrice));
      for (const whole of order.slice(0, MOST_SETS)) {
        let refused = ceiling;
        const serves = (flow: number): boolean => {
          const mix = attempt(whole, flow, mostPrice, "first");
          if (mix === undefined) refused = flow;
          else if (mix.flow > known()) best = mix;
          return mix !== undefined;
        };
        if (known() > 0) {
          if (!serves(known() * (1 + PRECISION))) continue;
        } else {
          for (let step = FIRST_STEP; step < 1 && !shouldStop(); step *= 2) {
            if (serves(ceiling * (1 - step))) break;
          }
        }
        while (known() > 0 && refused - known() > PRECISION * refused && !shouldStop()) {
          serves((known() + refused) / 2);
        }
      }
      return best;
    },

    cheapest(flow, mostPrice) {
      let best: StagedMix | undefined;
      const sets = listWholeModels(stocks, layers, mostPrice);
      const order = rank(market, sets, (set) => requestBeside(set, flow, mostPrice));
      for (const whole of order.slice(0, MOST_SETS)) {
        if (shouldStop()) break;
        const limit = Math.min(mostPrice, best?.pricePerHour ?? Infinity);
        const mix = attempt(whole, flow, limit, "cheapest");
        if (mix !== undefined && mix.pricePerHour < (best?.pricePerHour ?? Infinity)) best = mix;
      }
      return best;
    },
  };
}

/** Sets by the money that is left when their stages are bought, most first. */
function rank(
  market: StageMarket,
  sets: readonly WholeModels[],
  request: (set: WholeModels) => StageRequest,
): readonly WholeModels[] {
  return sets
    .map((set) => {
      const wanted = request(set);
      const spent =
        wanted.flow <= 0 ? 0 : (market.relax(wanted, "coarse")?.pricePerHour ?? Infinity);
      return { set, left: wanted.mostPrice - spent };
    })
    .sort((a, b) => b.left - a.left)
    .map(({ set }) => set);
}

function layMix(
  problem: MixProblem,
  stocks: readonly MixStock[],
  whole: WholeModels,
  stages: readonly StageCount[],
): StagedMix {
  const { layers, offers, kept } = problem;
  const used = [...whole.used];
  for (const { pattern, count } of stages) {
    pattern.usage.forEach((nodes, s) => (used[s]! += count * nodes));
  }
  const counts = countByOffer(stocks, used, offers.length);
  const nodes = nodesOfMix(stocks, counts, kept.length);
  const bought = counts.reduce((sum, count) => sum + count, 0);
  const intervals = Array.from({ length: kept.length + bought }, (): LayerInterval | null => null);
  nodes.forEach((own, s) => {
    for (const node of own.slice(0, whole.used[s])) intervals[node] = [0, layers];
  });
  const others = nodes.map((own, s) => ({ nodes: own.slice(whole.used[s]) }));
  layStages(stages, others, layers, intervals, "as given");
  const slowest = stages.reduce((least, { pattern }) => Math.min(least, pattern.rate), Infinity);
  return {
    counts,
    placement: intervals,
    flow: whole.flow + (stages.length === 0 ? 0 : slowest),
    pricePerHour: stocks.reduce((sum, s, at) => sum + s.pricePerHour * used[at]!, 0),
  };
}
