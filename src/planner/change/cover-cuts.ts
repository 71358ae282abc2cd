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

const MOST_ROUNDS = 6;
/** A round that raises the relaxation by less, relative, is the last. */
const WORTH = 1e-3;
/** A row is added where the relaxation has less than this of what it asks for. */
const VIOLATED = 0.999;
const MOST_COVERS = 60;
const UNLIMITED = { groupLimits: [Infinity], maxItems: Infinity };
/** Keeps weights of what the relaxation does not use finite. */
const TINY = 1e-7;

/**
 * Half a node covers half a layer in the relaxation; of whole nodes some sets cover it, others do not. Per layer the
 * weights are sought by which all sets that do weigh at least 1 and the relaxation weighs least: a linear program whose
 * rows are covers, each the cheapest at the weights so far (Gilmore and Gomory's scheme). What weighs less than 1
 * is cut off. No whole cover is lost. Rows first, one per layer, then whatever else the model has.
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
  for (let round = 0; round < MOST_ROUNDS && options.shouldStop?.() !== true; round++) {
    const { columns } = best.relaxed;
    if (columns === undefined) break;
    const cuts = Array.from({ length: layers }, (_, row) => row).flatMap((row) =>
      options.shouldStop?.() === true ? [] : (findCut(model, row, columns, solver) ?? []),
    );
    if (cuts.length === 0) break;
    const tighter = addCuts(best.model, model, cuts);
    const next = solver.solve(tighter, { ...options, relax: true });
    if (next.status !== "optimal") break;
    const rise = next.bound - best.relaxed.bound;
    if (rise >= 0) best = { model: tighter, relaxed: next };
    if (rise < WORTH * Math.max(1, next.bound)) break;
  }
  return best;
}

/** The row that the relaxation breaks most at a layer, or undefined. */
function findCut(
  model: LinearModel,
  row: number,
  columns: Float64Array,
  solver: Solver,
): Cut | undefined {
  const required = model.rowLower[row]! - ROUNDING;
  if (required <= 0) return undefined;
  const used = new Map<number, number>();
  for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
    const nodes = columns[model.columnIndex[at]!]!;
    const share = model.value[at]!;
    if (nodes > ROUNDING && share > 0) used.set(share, (used.get(share) ?? 0) + nodes);
  }
  const shares = [...used.keys()];
  const nodes = [...used.values()];
  const cheapest = (weights: readonly number[]): ReturnType<typeof findCheapestCover> =>
    findCheapestCover(
      shares.map((rate, at): CoverItem => ({ rate, cost: weights[at]!, group: 0 })),
      required,
      UNLIMITED,
    );
  let weights: readonly number[] = shares;
  let found = cheapest(weights);
  const covers: (readonly number[])[] = [];
  while (found.cover !== undefined && found.lowerBound < 1 - ROUNDING) {
    if (covers.length === MOST_COVERS) break;
    covers.push(found.cover);
    const next = weigh(covers, nodes, solver);
    if (next === undefined) break;
    weights = next;
    found = cheapest(weights);
  }
  const least = found.lowerBound;
  if (!(least > 0 && least < Infinity)) return undefined;
  const weight = nodes.reduce((sum, count, at) => sum + (weights[at]! / least) * count, 0);
  if (weight >= VIOLATED) return undefined;
  return { row, weights: new Map(shares.map((share, at) => [share, weights[at]! / least])) };
}

/** The weights at which the covers known weigh at least 1 and the relaxation's nodes least. */
function weigh(
  covers: readonly (readonly number[])[],
  nodes: readonly number[],
  solver: Solver,
): readonly number[] | undefined {
  const builder = createModelBuilder("minimize");
  for (const _ of covers) builder.addRow({ lower: 1, upper: Infinity });
  nodes.forEach((count, item) => {
    const times = covers.map((cover) => cover.filter((one) => one === item).length);
    const rows = times.flatMap((number, cover) => (number > 0 ? [cover] : []));
    const entries = [rows, rows.map((cover) => times[cover]!)] as const;
    builder.addColumn({ lower: 0, upper: 1, cost: count + TINY, entries });
  });
  const { columns } = solver.solve(builder.build(), { relax: true });
  return columns === undefined ? undefined : [...columns];
}

/**
 * The model with a row per cut. A node that computes what none of the relaxation's does weighs as much as the lightest of those
 * that compute more: put in its place, that one covers as well. Above all of them it weighs 1.
 */
function addCuts(model: LinearModel, layers: LinearModel, cuts: readonly Cut[]): LinearModel {
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
    for (let at = layers.rowStart[row]!; at < layers.rowStart[row + 1]!; at++) {
      const weight = weightOf(layers.value[at]!);
      if (weight <= 0) continue;
      columnIndex.push(layers.columnIndex[at]!);
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
