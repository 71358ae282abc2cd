import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import { findCheapestCover, type CoverItem } from "../coverings/cover-knapsack.js";
import { ROUNDING } from "./cover-model.js";

/** Σ weights · nodes ≥ 1 for whatever whole nodes cover the layer, by what a node computes. */
export interface Cut {
  readonly row: number;
  readonly weights: ReadonlyMap<number, number>;
}

/** What nodes at a layer compute, in floors, and how many of them the relaxation uses. */
export type Used = ReadonlyMap<number, number>;

/** A row is added where the relaxation has less than this of what it asks for. */
const VIOLATED = 0.999;
const MOST_COVERS = 60;
const UNLIMITED = { groupLimits: [Infinity], maxItems: Infinity };
/** Keeps weights of what the relaxation does not use finite. */
export const TINY = 1e-7;

/** Where weights are sought. */
export interface WeightSearch {
  readonly required: number;
  /** Where the weights begin. */
  readonly from: readonly number[];
  /** Covers that are known, as shares; what is found is added. */
  readonly covers?: Set<string>;
}

/** Weights of the shares by which covers weigh at least 1 and what is used less, if there are any. */
export function seekWeights(
  row: number,
  used: Used,
  { required, from, covers: pool }: WeightSearch,
  solver: Solver,
): Cut | undefined {
  const shares = [...used.keys()];
  const nodes = [...used.values()];
  const cheapest = (weights: readonly number[]): ReturnType<typeof findCheapestCover> =>
    findCheapestCover(
      shares.map((rate, at): CoverItem => ({ rate, cost: weights[at]!, group: 0 })),
      required,
      UNLIMITED,
    );
  const master = openWeights(nodes, solver);
  const places = new Map(shares.map((share, at) => [String(share), at]));
  const known = [...(pool ?? [])].flatMap((cover) => {
    const placed = cover.split(" ").map((share) => places.get(share) ?? -1);
    return placed.includes(-1) ? [] : [placed];
  });
  let weights = known.length === 0 ? from : (master.add(...known) ?? from);
  let found = cheapest(weights);
  for (let covers = 0; covers < MOST_COVERS; covers++) {
    if (found.cover === undefined || found.lowerBound >= 1 - ROUNDING) break;
    pool?.add(found.cover.map((at) => String(shares[at]!)).join(" "));
    const next = master.add(found.cover);
    if (next === undefined) break;
    weights = next;
    found = cheapest(weights);
  }
  master.dispose();
  const least = found.lowerBound;
  if (!(least > 0 && least < Infinity)) return undefined;
  const weight = nodes.reduce((sum, count, at) => sum + (weights[at]! / least) * count, 0);
  if (weight >= VIOLATED) return undefined;
  return { row, weights: new Map(shares.map((share, at) => [share, weights[at]! / least])) };
}

/** The weights at which the covers known weigh at least 1 and the relaxation's nodes least: the duals of packing covers into these. */
function openWeights(
  nodes: readonly number[],
  solver: Solver,
): {
  readonly add: (...covers: readonly (readonly number[])[]) => readonly number[] | undefined;
  readonly dispose: () => void;
} {
  const builder = createModelBuilder("maximize");
  for (const count of nodes) builder.addRow({ lower: -Infinity, upper: count + TINY });
  const lp = solver.openLp(builder.build());
  return {
    add(...covers) {
      lp.addColumns(
        covers.map((cover) => ({
          lower: 0,
          upper: Infinity,
          cost: 1,
          entries: [cover, cover.map(() => 1)] as const,
        })),
      );
      const { rowDuals } = lp.solve();
      return rowDuals === undefined ? undefined : Array.from(rowDuals, (y) => Math.max(0, y));
    },
    dispose: () => {
      lp.dispose();
    },
  };
}
