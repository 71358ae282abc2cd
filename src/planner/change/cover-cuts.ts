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
/** Where rows are sought to the end; time ends it before. */
const MOST_ROUNDS_TO_END = 40;
/** A round that raises the relaxation by less, relative, is the last. */
const WORTH = 1e-3;
/** A row is added where the relaxation has less than this of what it asks for. */
const VIOLATED = 0.999;
const MOST_COVERS = 60;
const UNLIMITED = { groupLimits: [Infinity], maxItems: Infinity };
/** Keeps weights of what the relaxation does not use finite. */
const TINY = 1e-7;
/** Shares weighed that the relaxation does not use, where rows are sought to the end. */
const NEAR = 10;

export interface TightenOptions extends Pick<SolveOptions, "timeLimitSeconds" | "shouldStop"> {
  /**
   * Rows are looked for where the plain ones are met, too, and what the relaxation would use next is weighed with what it uses:
   * many more rounds, a much higher relaxation, and rows among which branch and bound finds little.
   */
  readonly toTheEnd?: boolean;
  /** Rounds at most. */
  readonly rounds?: number;
  /** Told of each higher relaxation. */
  readonly onRound?: (relaxed: SolveResult) => void;
}

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
  { toTheEnd = false, rounds, onRound, ...limits }: TightenOptions,
): Tightened {
  const stops = (): boolean => limits.shouldStop?.() === true;
  const most = rounds ?? (toTheEnd ? MOST_ROUNDS_TO_END : MOST_ROUNDS);
  const find = toTheEnd ? findCutToEnd : findCut;
  let best: Tightened = { model, relaxed };
  let kept: readonly Cut[] = [];
  for (let round = 0; round < most && !stops(); round++) {
    const cuts = Array.from({ length: layers }, (_, row) => row).flatMap((row) =>
      stops() ? [] : (find(model, row, best.relaxed, solver) ?? []),
    );
    if (cuts.length === 0) break;
    const all = [...kept, ...cuts];
    const tighter = addCuts(model, all);
    const next = solver.solve(tighter, { ...limits, relax: true });
    if (next.status !== "optimal") break;
    const rise = next.bound - best.relaxed.bound;
    if (rise >= 0) best = { model: tighter, relaxed: next };
    if (rise >= 0) onRound?.(next);
    if (rise < WORTH * Math.max(1, next.bound)) break;
    // Of many rounds, what a later one finds needless is left out again.
    kept = toTheEnd ? all.filter((_, at) => next.rowDuals![model.rowCount + at]! > 0) : all;
  }
  return best;
}

/** What nodes at a layer compute, in floors, and how many of them the relaxation uses. */
type Used = ReadonlyMap<number, number>;

/** The row that the relaxation breaks most at a layer, or undefined; the row itself is where the weights begin. */
function findCut(
  model: LinearModel,
  row: number,
  { columns }: SolveResult,
  solver: Solver,
): Cut | undefined {
  const required = model.rowLower[row]! - ROUNDING;
  if (required <= 0 || columns === undefined) return undefined;
  const used = listUsed(model, row, columns);
  return seekWeights(row, used, { required, from: [...used.keys()] }, solver);
}

/**
 * From nothing: the row itself weighs every cover at 1 at least, and from there no stronger one would be looked for. What
 * the relaxation would use next is weighed, too: a row that says nothing of it is walked round at once.
 */
function findCutToEnd(
  model: LinearModel,
  row: number,
  { columns, reducedCosts }: SolveResult,
  solver: Solver,
): Cut | undefined {
  const required = model.rowLower[row]! - ROUNDING;
  if (required <= 0 || columns === undefined || reducedCosts === undefined) return undefined;
  const used = new Map(listUsed(model, row, columns));
  const near = new Map<number, number>();
  for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
    const share = model.value[at]!;
    if (share <= 0 || used.has(share)) continue;
    near.set(share, Math.min(near.get(share) ?? Infinity, reducedCosts[model.columnIndex[at]!]!));
  }
  const next = [...near].sort((a, b) => a[1] - b[1]);
  for (const [share] of next.slice(0, NEAR)) used.set(share, 0);
  return seekWeights(row, used, { required, from: Array<number>(used.size).fill(TINY) }, solver);
}

function listUsed(model: LinearModel, row: number, columns: Float64Array): Used {
  const used = new Map<number, number>();
  for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
    const nodes = columns[model.columnIndex[at]!]!;
    const share = model.value[at]!;
    if (nodes > ROUNDING && share > 0) used.set(share, (used.get(share) ?? 0) + nodes);
  }
  return used;
}

/** Weights of the shares by which covers weigh at least 1 and what is used less, if there are any. */
function seekWeights(
  row: number,
  used: Used,
  { required, from }: { readonly required: number; readonly from: readonly number[] },
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
  let weights = from;
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
