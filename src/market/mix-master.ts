import { createModelBuilder } from "../math/lp/model-builder.js";
import type { Solver } from "../math/lp/solver.js";
import type { MixCut } from "./mix-cuts.js";
import { priceOf } from "./market.js";
import type { MixProblem } from "./mix-problem.js";

/** A mix of least cost under the cuts, with a lower bound on the cost of every mix that keeps them. */
export interface MixChoice {
  readonly counts: readonly number[];
  readonly pricePerHour: number;
  readonly leastPrice: number;
}

export interface MixRules {
  readonly cuts: readonly MixCut[];
  /** Mixes that are not enough, and so is nothing that has no more of anything. */
  readonly excluded: readonly (readonly number[])[];
  /** Only offers of this region. */
  readonly region?: string | undefined;
  /** What a mix may cost. */
  readonly mostPrice?: number | undefined;
  readonly shouldStop: () => boolean;
}

export type MasterOutcome =
  | { readonly kind: "choice"; readonly choice: MixChoice }
  /** No numbers of machines keep the rules. */
  | { readonly kind: "none" }
  | { readonly kind: "stopped" };

/** Outward rounding of the solver's dual bound. */
const ROUNDING = 1e-6;

/**
 * The integer master: minimise Σ price·N subject to the cuts, availability and the exclusions; an
 * exclusion of N° says that some offer has more than N° of it, one binary per offer.
 */
export function chooseCheapestMix(
  problem: MixProblem,
  rules: MixRules,
  solver: Solver,
): MasterOutcome {
  const { offers, groups } = problem;
  const builder = createModelBuilder("minimize");
  for (const { available, pricePerHour, region } of offers) {
    const shut = rules.region !== undefined && region !== rules.region;
    builder.addColumn({ lower: 0, upper: shut ? 0 : available, cost: pricePerHour, integer: true });
  }
  if (rules.mostPrice !== undefined) {
    const prices = offers.map(({ pricePerHour }) => pricePerHour);
    const upper = rules.mostPrice * (1 + 1e-9);
    builder.addRow({ lower: -Infinity, upper, entries: [[...offers.keys()], prices] });
  }
  for (const { price, least } of rules.cuts) {
    const missing = least - groups.reduce((sum, { kept }, g) => sum + kept * price[g]!, 0);
    if (missing <= 0) continue;
    // No coefficient needs to be above the right-hand side: one machine is then enough by itself.
    const values = offers.map(({ groups: own }) =>
      Math.min(1, own.reduce((sum, g) => sum + price[g]!, 0) / missing),
    );
    builder.addRow({ lower: 1 - ROUNDING, upper: Infinity, entries: [[...offers.keys()], values] });
  }
  for (const counts of rules.excluded) {
    const binaries: number[] = [];
    offers.forEach(({ available }, offer) => {
      if (counts[offer]! >= available) return;
      const binary = builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true });
      binaries.push(binary);
      const entries = [
        [offer, binary],
        [1, -(counts[offer]! + 1)],
      ] as const;
      builder.addRow({ lower: 0, upper: Infinity, entries });
    });
    const entries = [binaries, binaries.map(() => 1)] as const;
    if (binaries.length === 0) return { kind: "none" };
    builder.addRow({ lower: 1, upper: Infinity, entries });
  }
  const result = solver.solve(builder.build(), { shouldStop: rules.shouldStop, relativeGap: 1e-6 });
  if (result.status === "infeasible") return { kind: "none" };
  if (result.columns === undefined) return { kind: "stopped" };
  const counts = offers.map((_, offer) => Math.round(result.columns![offer]!));
  const pricePerHour = priceOf(offers, counts);
  const leastPrice = Math.max(0, result.bound * (1 - ROUNDING) - ROUNDING);
  return {
    kind: "choice",
    choice: { counts, pricePerHour, leastPrice: Math.min(leastPrice, pricePerHour) },
  };
}
