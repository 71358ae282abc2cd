import type { LinearModel } from "./linear-model.js";

/** Bounds that every solution of interest is known to keep, where tighter than the model's own. */
export interface ImpliedBounds {
  readonly columnLower?: Float64Array;
  readonly columnUpper?: Float64Array;
}

/** Unit roundoff of a double. */
const ROUNDOFF = 2 ** -53;

/** What a basis solved in doubles leaves of a reduced cost that is 0, relative to its terms. */
const BASIS_NOISE = 2 ** -40;

/**
 * The Lagrangian bound of the linear relaxation for row multipliers y (weak duality): for
 * minimize, with d = c − Aᵀy,
 *
 *   offset + Σ_r min(y_r · rowLower_r, y_r · rowUpper_r on the side y_r's sign selects) + Σ_j min over [l_j, u_j] of d_j x_j
 *
 * a lower bound on the optimum whatever y is, hence also on the integer optimum; mirrored, an upper
 * bound for maximize. It trusts no solver: a bad y only weakens it. Multipliers whose sign selects
 * an infinite row side are set to 0 first. A reduced cost that selects an infinite column bound
 * makes the bound −∞ (+∞ for maximize); pass `implied` where better column bounds are known.
 *
 * Rounding: the accumulated error of every finite term is subtracted, so the bound is safe against
 * the solver's tolerances, which are nine orders of magnitude coarser. One exception to the rigour:
 * on a column with an infinite bound, a reduced cost below 2^-40 of its own terms counts as 0, since
 * duals in doubles cannot be exact. With finite (or implied) column bounds it is not used.
 * O(columns + rows + entries).
 *
 * @param rowDuals y, length rowCount, in the model's own sense (d objective / d row bound).
 */
export function lagrangianBound(
  model: LinearModel,
  rowDuals: Float64Array,
  implied: ImpliedBounds = {},
): number {
  const sign = model.sense === "minimize" ? 1 : -1;
  const columnLower = implied.columnLower ?? model.columnLower;
  const columnUpper = implied.columnUpper ?? model.columnUpper;
  const reduced = new Float64Array(model.columnCount);
  const magnitude = new Float64Array(model.columnCount);
  const termCount = new Int32Array(model.columnCount);
  for (let j = 0; j < model.columnCount; j++) {
    reduced[j] = sign * model.cost[j]!;
    magnitude[j] = Math.abs(model.cost[j]!);
    termCount[j] = 1;
  }
  let bound = sign * model.objectiveOffset;
  let size = Math.abs(bound);
  let error = 0;
  for (let r = 0; r < model.rowCount; r++) {
    const y = sign * rowDuals[r]!;
    if (y === 0 || !Number.isFinite(y)) continue;
    const side = y > 0 ? model.rowLower[r]! : model.rowUpper[r]!;
    if (!Number.isFinite(side)) continue;
    bound += y * side;
    size += Math.abs(y * side);
    for (let k = model.rowStart[r]!; k < model.rowStart[r + 1]!; k++) {
      const j = model.columnIndex[k]!;
      const term = y * model.value[k]!;
      reduced[j]! -= term;
      magnitude[j]! += Math.abs(term);
      termCount[j]!++;
    }
  }
  for (let j = 0; j < model.columnCount; j++) {
    const uncertainty = (termCount[j]! + 1) * ROUNDOFF * magnitude[j]!;
    const [lower, upper] = [columnLower[j]!, columnUpper[j]!];
    const reach = Math.max(Math.abs(lower), Math.abs(upper));
    if (Number.isFinite(reach)) error += uncertainty * reach;
    else if (Math.abs(reduced[j]!) <= BASIS_NOISE * magnitude[j]!) continue;
    const d = reduced[j]!;
    if (d === 0) continue;
    const term = d > 0 ? d * lower : d * upper;
    if (!Number.isFinite(term)) return sign * -Infinity;
    bound += term;
    size += Math.abs(term);
  }
  error += (model.columnCount + model.rowCount + 2) * ROUNDOFF * size;
  return sign * (bound - error);
}

/** Reduced costs c − Aᵀy in the model's own sense, length columnCount. */
export function computeReducedCosts(model: LinearModel, rowDuals: Float64Array): Float64Array {
  const reduced = model.cost.slice();
  for (let r = 0; r < model.rowCount; r++) {
    for (let k = model.rowStart[r]!; k < model.rowStart[r + 1]!; k++)
      reduced[model.columnIndex[k]!]! -= rowDuals[r]! * model.value[k]!;
  }
  return reduced;
}
