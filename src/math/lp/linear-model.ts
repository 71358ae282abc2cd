/**
 * A linear or mixed-integer model in sparse rows:
 *
 *   optimise  objectiveOffset + costᵀx
 *   where     rowLower ≤ A x ≤ rowUpper,  columnLower ≤ x ≤ columnUpper,  x_j integer where integer[j] = 1
 *
 * Bounds may be ±Infinity. Row r's entries are `columnIndex[k], value[k]` for
 * rowStart[r] ≤ k < rowStart[r + 1]; no column appears twice in a row.
 */
export interface LinearModel {
  readonly sense: "minimize" | "maximize";
  readonly objectiveOffset: number;
  readonly columnCount: number;
  readonly rowCount: number;
  readonly cost: Float64Array;
  readonly columnLower: Float64Array;
  readonly columnUpper: Float64Array;
  readonly integer: Uint8Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly rowStart: Int32Array;
  readonly columnIndex: Int32Array;
  readonly value: Float64Array;
}
