import type { Solver } from "../math/lp/solver.js";
import { priceOf } from "./market.js";
import { createMixCuts, type FlowCuts } from "./mix-cuts.js";
import { chooseCheapestMix, type MasterOutcome } from "./mix-master.js";
import type { MixProblem } from "./mix-problem.js";
import { tidyRegions } from "./tidy-regions.js";

export interface LevelRequest {
  /** Tokens/s. */
  readonly flow: number;
  /** Mixes that are not enough, and so is nothing that has no more of anything. */
  readonly excluded: readonly (readonly number[])[];
  /** Only offers of this region. */
  readonly region?: string | undefined;
  /** What a mix may cost, if there is a limit. */
  readonly mostPrice?: number;
}

/** The cheapest mixes by throughput, as far as machines alone decide. */
export interface MixLevels {
  /**
   * The cheapest mix that the configuration LP lets carry the flow, with a lower bound on the price
   * of every mix that does. "none": no mix on offer reaches it.
   */
  cheapest(request: LevelRequest): MasterOutcome;
  dispose(): void;
}

/**
 * Logic-based Benders: the integer master proposes numbers of machines, the configuration LP
 * refutes them with a cut, until it cannot. Cuts found at one throughput price those of the next.
 */
export function createMixLevels(
  problem: MixProblem,
  solver: Solver,
  shouldStop: () => boolean,
): MixLevels {
  const book = createMixCuts(problem, solver, shouldStop);
  let current: { readonly flow: number; readonly cuts: FlowCuts | undefined } | undefined;

  const at = (flow: number): FlowCuts | undefined => {
    if (current?.flow !== flow) {
      current?.cuts?.dispose();
      current = { flow, cuts: book.open(flow) };
    }
    return current.cuts;
  };
  return {
    cheapest({ flow, excluded, region, mostPrice }) {
      const level = at(flow);
      if (level === undefined) return { kind: "none" };
      for (;;) {
        const rules = { cuts: level.cuts, excluded, region, mostPrice, shouldStop };
        const outcome = chooseCheapestMix(problem, rules, solver);
        if (outcome.kind !== "choice") return outcome;
        const { choice } = outcome;
        if (level.refutes(choice.counts)) continue;
        const spendable = mostPrice ?? choice.pricePerHour;
        const tidy = tidyRegions(problem, choice.counts, spendable, solver);
        if (excluded.some((counts) => isWithin(tidy, counts))) return outcome;
        const pricePerHour = priceOf(problem.offers, tidy);
        return { kind: "choice", choice: { ...choice, counts: tidy, pricePerHour } };
      }
    },
    dispose() {
      current?.cuts?.dispose();
      current = undefined;
    },
  };
}

/** Whether a mix has no more of anything than another. */
function isWithin(counts: readonly number[], other: readonly number[]): boolean {
  return counts.every((count, offer) => count <= other[offer]!);
}
