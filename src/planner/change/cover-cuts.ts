import type { LinearModel } from "../../math/lp/linear-model.js";
import type { SolveOptions, SolveResult, Solver } from "../../math/lp/solver.js";
import { ROUNDING } from "./cover-model.js";
import { seekWeights, TINY, type Cut, type Used } from "./cut-weights.js";

/** A program of a cover with rows that only fractions break, and its relaxation. */
export interface Tightened {
  readonly model: LinearModel;
  readonly relaxed: SolveResult;
  /** The layer of each row added. */
  readonly cut: readonly number[];
}

const MOST_ROUNDS = 6;
/** Where rows are sought to the end; time ends it before. */
const MOST_ROUNDS_TO_END = 40;
const WORTH = 1e-3;
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
  /** A round that raises the relaxation by less, relative, is the last. Default 0.001. */
  readonly worth?: number;
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
  { toTheEnd = false, rounds, worth = WORTH, onRound, ...limits }: TightenOptions,
): Tightened {
  const stops = (): boolean => limits.shouldStop?.() === true;
  const most = rounds ?? (toTheEnd ? MOST_ROUNDS_TO_END : MOST_ROUNDS);
  const covers = new Map<number, Set<string>>();
  const find = toTheEnd ? findCutToEnd : findCut;
  const open = toTheEnd ? openCuts(model, solver, limits) : resolveCuts(model, solver, limits);
  let best: Round = { relaxed, kept: [] };
  for (let round = 0; round < most && !stops(); round++) {
    const cuts = Array.from({ length: layers }, (_, row) => row).flatMap((row) =>
      stops() ? [] : (find(model, row, best.relaxed, solver, covers) ?? []),
    );
    if (cuts.length === 0) break;
    const next = open.add(cuts);
    if (next.relaxed.status !== "optimal") break;
    const rise = next.relaxed.bound - best.relaxed.bound;
    if (rise >= 0) best = next;
    if (rise >= 0) onRound?.(next.relaxed);
    if (rise < worth * Math.max(1, next.relaxed.bound)) break;
  }
  open.dispose();
  const cut = best.kept.map(({ row }) => row);
  return { model: addCuts(model, best.kept), relaxed: best.relaxed, cut };
}

/** A relaxation with the rows that it has beside those of the cover. */
interface Round {
  readonly relaxed: SolveResult;
  readonly kept: readonly Cut[];
}

/** Adds rows to the cover, and solves what they leave of its relaxation. */
interface OpenCuts {
  readonly add: (cuts: readonly Cut[]) => Round;
  readonly dispose: () => void;
}

/** Each time from nothing, all rows together. */
function resolveCuts(
  model: LinearModel,
  solver: Solver,
  limits: Pick<SolveOptions, "timeLimitSeconds" | "shouldStop">,
): OpenCuts {
  let kept: readonly Cut[] = [];
  return {
    add(cuts) {
      kept = [...kept, ...cuts];
      return { relaxed: solver.solve(addCuts(model, kept), { ...limits, relax: true }), kept };
    },
    dispose: () => undefined,
  };
}

/** From the last basis each time: of many rounds, each changes little. What a later round finds needless asks for nothing any more. */
function openCuts(
  model: LinearModel,
  solver: Solver,
  limits: Pick<SolveOptions, "timeLimitSeconds" | "shouldStop">,
): OpenCuts {
  const lp = solver.openLp(model);
  lp.solve(limits);
  const known: Cut[] = [];
  let asked: readonly number[] = [];
  return {
    add(cuts) {
      asked = [...asked, ...cuts.map((_, at) => known.length + at)];
      known.push(...cuts);
      lp.addRows(
        cuts.map((cut) => ({ lower: 1 - ROUNDING, upper: Infinity, entries: weigh(model, cut) })),
      );
      const relaxed = lp.solve(limits);
      const within = asked;
      const kept = within.map((at) => known[at]!);
      const { rowDuals } = relaxed;
      if (rowDuals === undefined) return { relaxed, kept };
      const dualOf = (at: number): number => rowDuals[model.rowCount + at]!;
      for (const at of asked)
        if (dualOf(at) <= 0) lp.changeRowBounds(model.rowCount + at, -Infinity, Infinity);
      asked = asked.filter((at) => dualOf(at) > 0);
      // Of the rows kept alone, in their order.
      const duals = Float64Array.from([
        ...rowDuals.subarray(0, model.rowCount),
        ...within.map(dualOf),
      ]);
      return { relaxed: { ...relaxed, rowDuals: duals }, kept };
    },
    dispose: () => {
      lp.dispose();
    },
  };
}

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
  covers: Map<number, Set<string>>,
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
  // Of layers that need as much the same covers are worth knowing.
  const known = covers.get(required) ?? new Set();
  covers.set(required, known);
  const from = Array<number>(used.size).fill(TINY);
  return seekWeights(row, used, { required, from, covers: known }, solver);
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

/**
 * A cut as weights of columns. A node that computes what none of the relaxation's does weighs as much as the lightest of those
 * that compute more: put in its place, that one covers as well. Above all of them it weighs 1.
 */
function weigh(model: LinearModel, { row, weights }: Cut): readonly [number[], number[]] {
  const lifted = new Map<number, number>();
  const weightOf = (share: number): number => {
    const known = lifted.get(share);
    if (known !== undefined) return known;
    let least = 1;
    for (const [rate, weight] of weights) if (rate >= share) least = Math.min(least, weight);
    lifted.set(share, least);
    return least;
  };
  const columns: number[] = [];
  const values: number[] = [];
  for (let at = model.rowStart[row]!; at < model.rowStart[row + 1]!; at++) {
    const weight = weightOf(model.value[at]!);
    if (weight <= 0) continue;
    columns.push(model.columnIndex[at]!);
    values.push(weight);
  }
  return [columns, values];
}

/** The model with a row per cut. */
function addCuts(model: LinearModel, cuts: readonly Cut[]): LinearModel {
  return appendRows(
    model,
    cuts.map((cut) => weigh(model, cut)),
  );
}

/** The model with rows that must come to 1, by their columns and values. */
export function appendRows(
  model: LinearModel,
  rows: readonly (readonly [number[], number[]])[],
): LinearModel {
  const rowStart = [...model.rowStart];
  for (const [columns] of rows) rowStart.push(rowStart.at(-1)! + columns.length);
  return {
    ...model,
    rowCount: model.rowCount + rows.length,
    rowLower: Float64Array.from([...model.rowLower, ...rows.map(() => 1 - ROUNDING)]),
    rowUpper: Float64Array.from([...model.rowUpper, ...rows.map(() => Infinity)]),
    rowStart: Int32Array.from(rowStart),
    columnIndex: Int32Array.from([...model.columnIndex, ...rows.flatMap(([columns]) => columns)]),
    value: Float64Array.from([...model.value, ...rows.flatMap(([, values]) => values)]),
  };
}
