import type { Solver } from "../math/lp/solver.js";
import type { Placement } from "../core/placement.js";
import { createMixLevels } from "./mix-levels.js";
import type { MixProblem } from "./mix-problem.js";
import { createMixLog, regionsOf, type EvaluatedMix, type MixSearchPorts } from "./mix-search.js";
import { createStagedMixes } from "./staged-mix.js";

export interface TargetOptions {
  readonly tokensPerSecond: number;
  /** Stop at this relative distance to the bound on the price. */
  readonly gap: number;
}

export interface CheapestMix {
  /** The cheapest mix found that serves the target. */
  readonly best: EvaluatedMix | undefined;
  /** No mix under this price (dollars per hour) serves it; Infinity: no mix on offer does. */
  readonly bound: number;
  readonly evaluated: number;
}

/** A plan this close below the target serves it. */
const CLOSE = 1e-9;
/** Bounds on the price are rounded outwards by less than this. */
const ROUNDED = 1e-5;
/** Most attempts to reach the target by asking the models for more. */
const MOST_LIFTS = 6;
const MOST_STAGED_LIFTS = 3;
/** Most times that a mix which does not serve is taken. */
const MOST_MULTIPLES = 4;

/**
 * The cheapest mix that serves a target. The models' cheapest mix bounds the price; where its plan
 * falls short, first the models are asked for as much more as was missing until some mix serves,
 * then the mixes between bound and price are planned one by one, cheapest first.
 */
export async function findCheapestMix(
  problem: MixProblem,
  options: TargetOptions,
  solver: Solver,
  ports: MixSearchPorts,
): Promise<CheapestMix> {
  const { tokensPerSecond: target, gap } = options;
  const levels = createMixLevels(problem, solver, ports.shouldStop);
  const log = createMixLog(problem, ports);
  let best: EvaluatedMix | undefined;
  let proven = 0;
  /** Least price at which a mix may serve although its plan did not say. */
  let open = Infinity;

  const bound = (): number => Math.min(proven, open, best?.pricePerHour ?? Infinity);
  const closed = (): boolean =>
    best !== undefined && best.pricePerHour - bound() <= Math.max(gap, ROUNDED) * best.pricePerHour;
  const undecided: (readonly number[])[] = [];
  const excluded = (): readonly (readonly number[])[] => [
    ...log.all.filter(({ upperBound }) => !serves(upperBound, target)).map(({ counts }) => counts),
    ...undecided,
  ];
  const evaluate = async (counts: readonly number[], start?: Placement): Promise<EvaluatedMix> => {
    const enough = target;
    const mix = await log.evaluate(counts, start === undefined ? { enough } : { enough, start });
    if (serves(mix.throughput, target) && mix.pricePerHour < (best?.pricePerHour ?? Infinity))
      best = mix;
    ports.onProgress?.({ best, bound: bound() });
    return mix;
  };
  /** Asks for more and more until a plan serves. */
  const lift = async (first: number, region?: string): Promise<void> => {
    let flow = first;
    for (let attempt = 0; attempt < MOST_LIFTS && !ports.shouldStop(); attempt++) {
      const outcome = levels.cheapest({ flow, excluded: [], region });
      if (outcome.kind !== "choice") return;
      if (outcome.choice.leastPrice >= (best?.pricePerHour ?? Infinity)) return;
      const { throughput } = await evaluate(outcome.choice.counts);
      if (serves(throughput, target)) return;
      flow *= throughput > 0 ? Math.min(1.5, (target / throughput) * 1.002) : 1.5;
    }
  };

  /** Asks for mixes that come with a placement. */
  const liftStaged = async (): Promise<void> => {
    const staged = createStagedMixes(problem, solver, ports.shouldStop);
    const most = problem.offers.reduce((sum, o) => sum + o.available * o.pricePerHour, 0);
    let flow = target;
    for (let attempt = 0; attempt < MOST_STAGED_LIFTS && !ports.shouldStop(); attempt++) {
      const mix = staged.cheapest(flow, best?.pricePerHour ?? most);
      if (mix === undefined || mix.pricePerHour >= (best?.pricePerHour ?? Infinity)) return;
      const { throughput } = await evaluate(mix.counts, mix.placement);
      if (serves(throughput, target)) return;
      flow *= Math.min(1.5, (target / Math.max(throughput, target / 2)) * 1.002);
    }
  };

  /** Takes so many of everything that the mix is less busy, until a plan serves. */
  const multiply = async (counts: readonly number[]): Promise<void> => {
    for (let factor = 2; factor <= MOST_MULTIPLES && !ports.shouldStop(); factor++) {
      const more = counts.map((count, offer) =>
        Math.min(problem.offers[offer]!.available, factor * count),
      );
      const { throughput } = await evaluate(more);
      if (serves(throughput, target)) return;
    }
  };
  /** Leaves out, offer by offer, what the best mix does without: the most money first. */
  const shed = async (): Promise<void> => {
    const spent = (offer: number): number =>
      (best?.counts[offer] ?? 0) * problem.offers[offer]!.pricePerHour;
    const offers = problem.offers.map((_, offer) => offer).filter((offer) => spent(offer) > 0);
    for (const offer of offers.toSorted((a, b) => spent(b) - spent(a))) {
      for (const share of [0, 0.5]) {
        if (best === undefined || ports.shouldStop() || closed()) return;
        await evaluate(
          best.counts.map((count, index) => (index === offer ? Math.floor(share * count) : count)),
        );
      }
    }
  };

  try {
    const first = levels.cheapest({ flow: target, excluded: [] });
    if (first.kind === "none") return { best, bound: Infinity, evaluated: 0 };
    if (first.kind === "choice") {
      proven = first.choice.leastPrice;
      const { throughput } = await evaluate(first.choice.counts);
      if (!closed()) await liftStaged();
      if (!closed()) {
        if (throughput === 0) await multiply(first.choice.counts);
        await lift(target * Math.min(1.5, (target / throughput) * 1.002));
        const regions = regionsOf(problem);
        for (const region of regions.length > 1 && !closed() ? regions : []) {
          await lift(target, region);
        }
        await shed();
      }
    }
    while (!ports.shouldStop() && !closed()) {
      const outcome = levels.cheapest({ flow: target, excluded: excluded() });
      if (outcome.kind === "stopped") break;
      if (outcome.kind === "none") {
        proven = Infinity;
        break;
      }
      const { choice } = outcome;
      proven = Math.max(proven, Math.min(open, choice.leastPrice));
      if (closed() || choice.leastPrice >= (best?.pricePerHour ?? Infinity)) break;
      const { throughput, upperBound } = await evaluate(choice.counts);
      if (serves(throughput, target)) break;
      if (!serves(upperBound, target)) continue;
      undecided.push(choice.counts);
      open = Math.min(open, choice.leastPrice);
    }
  } finally {
    levels.dispose();
  }
  return { best, bound: bound(), evaluated: log.all.length };
}

function serves(throughput: number, target: number): boolean {
  return throughput >= target * (1 - CLOSE);
}
