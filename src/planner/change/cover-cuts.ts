import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { SolveOptions, SolveResult, Solver } from "../../math/lp/solver.js";
import { findCheapestCover, type CoverItem } from "../coverings/cover-knapsack.js";
import { ROUNDING } from "./cover-model.js";

/** A program of a cover with rows that only fractions break, and its relaxation. */
export interface Tightened {
  readonly model: LinearModel;
  readonly relaxed: SolveResult;
}

/** Σ weights · nodes ≥ 1 for whatever whole nodes cover the layer, by what a node computes. */
interface Cut {
  readonly row: number;
  readonly weights: ReadonlyMap<number, number>;
}

const MOST_ROUNDS = 20;
/** A round that raises the relaxation by less, relative, is the last. */
const WORTH = 1e-3;
/** A row is added where the relaxation has less than this of what it asks for. */
const VIOLATED = 0.999;
const MOST_COVERS = 60;
const UNLIMITED = { groupLimits: [Infinity], maxItems: Infinity };
/** Keeps weights of what the relaxation does not use finite. */
const TINY = 1e-7;
/** Shares weighed that the relaxation does not use. */
const NEAR = 10;

/**
 * Half a node covers half a layer in the relaxation; of whole nodes some sets cover it, others do not. Per layer the
 * weights are sought by which all sets that do weigh at least 1 and the relaxation weighs least: a linear program whose
 * rows are covers, each the cheapest at the weights so far (Gilmore and Gomory's scheme). What weighs less than 1
 * is cut off. No whole cover is lost. Rows first, one per layer, then whatever else the model has. What a
 * later round finds needless is left out again.
 * @param layers how many of the model's rows are layers.
 */
export function tightenCover(
  model: LinearModel,
  relaxed: SolveResult,
  layers: number,
  solver: Solver,
  options: Pick<SolveOptions, "timeLimitSeconds" | "shouldStop">,
): Tightened {
  let best: Tightened = { model, relaxed };
  let kept: readonly Cut[] = [];
  for (let round = 0; round < MOST_ROUNDS && options.shouldStop?.() !== true; round++) {
    const cuts = Array.from({ length: layers }, (_, row) => row).flatMap((row) =>
      options.shouldStop?.() === true ? [] : (findCut(model, row, best.relaxed, solver) ?? []),
    );
    if (cuts.length === 0) break;
    const all = [...kept, ...cuts];
    const tighter = addCuts(model, all);
    const next = solver.solve(tighter, { ...options, relax: true });
    if (next.status !== "optimal") break;
    const rise = next.bound - best.relaxed.bound;
    if (rise >= 0) best = { model: tighter, relaxed: next };
    if (rise < WORTH * Math.max(1, next.bound)) break;
    kept = all.filter((_, at) => next.rowDuals![model.rowCount + at]! > 0);
  }
  return best;
}

/** The row that the relaxation breaks most at a layer, or undefined. */
function findCut(
  model: LinearModel,
  row: number,
  { columns, reducedCosts }: SolveResult,
  solver: Solver,
): Cut | undefined {
  const required = model.rowLower[row]! - ROUNDING;
  if (required <= 0 || columns === undefined) return undefined;
  const used = new Map<number, number>();
  const near = new Map<number, number>();
  for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
    const nodes = columns[model.columnIndex[at]!]!;
    const share = model.value[at]!;
    if (share <= 0) continue;
    const cost = Math.min(
      near.get(share) ?? Infinity,
      reducedCosts?.[model.columnIndex[at]!] ?? Infinity,
    );
    if (nodes > ROUNDING) used.set(share, (used.get(share) ?? 0) + nodes);
    else near.set(share, cost);
  }
  // What the relaxation would use next is weighed, too: a row that says nothing of it is walked round at once.
  const next = [...near].filter(([share]) => !used.has(share)).sort((a, b) => a[1] - b[1]);
  for (const [share] of next.slice(0, NEAR)) used.set(share, 0);
  const shares = [...used.keys()];
  const nodes = [...used.values()];
  const cheapest = (weights: readonly number[]): ReturnType<typeof findCheapestCover> =>
    findCheapestCover(
      shares.map((rate, at): CoverItem => ({ rate, cost: weights[at]!, group: 0 })),
      required,
      UNLIMITED,
    );
  // From nothing: the row itself weighs every cover at 1 at least, and from there no stronger one would be looked for.
  let weights: readonly number[] = shares.map(() => TINY);
  let found = cheapest(weights);
  const master = openWeights(nodes, solver);
  for (let covers = 0; covers < MOST_COVERS; covers++) {
    if (found.cover === undefined || found.lowerBound >= 1 - ROUNDING) break;
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
  readonly add: (cover: readonly number[]) => readonly number[] | undefined;
  readonly dispose: () => void;
} {
  const builder = createModelBuilder("maximize");
  for (const count of nodes) builder.addRow({ lower: -Infinity, upper: count + TINY });
  const lp = solver.openLp(builder.build());
  return {
    add(cover) {
      lp.addColumns([{ lower: 0, upper: Infinity, cost: 1, entries: [cover, cover.map(() => 1)] }]);
      const { rowDuals } = lp.solve();
      return rowDuals === undefined ? undefined : Array.from(rowDuals, (y) => Math.max(0, y));
    },
    dispose: () => {
      lp.dispose();
    },
  };
}

/**
 * The model with a row per cut. A node that computes what none of the relaxation's does weighs as much as the lightest of those
 * that compute more: put in its place, that one covers as well. Above all of them it weighs 1.
 */
function addCuts(model: LinearModel, cuts: readonly Cut[]): LinearModel {
  const columnIndex = [...model.columnIndex];
  const value = [...model.value];
  const rowStart = [...model.rowStart];
  for (const { row, weights } of cuts) {
    const lifted = new Map<number, number>();
    const weightOf = (share: number): number => {
      const known = lifted.get(share);
      if (known !== undefined) return known;
      let least = 1;
      for (const [rate, weight] of weights) if (rate >= share) least = Math.min(least, weight);
      lifted.set(share, least);
      return least;
    };
    for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
      const weight = weightOf(model.value[at]!);
      if (weight <= 0) continue;
      columnIndex.push(model.columnIndex[at]!);
      value.push(weight);
    }
    rowStart.push(columnIndex.length);
  }
  const asked = cuts.map(() => 1 - ROUNDING);
  return {
    ...model,
    rowCount: model.rowCount + cuts.length,
    rowLower: Float64Array.from([...model.rowLower, ...asked]),
    rowUpper: Float64Array.from([...model.rowUpper, ...cuts.map(() => Infinity)]),
    rowStart: Int32Array.from(rowStart),
    columnIndex: Int32Array.from(columnIndex),
    value: Float64Array.from(value),
  };
}
