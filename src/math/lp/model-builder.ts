import { BugError } from "../../core/errors.js";
import type { LinearModel } from "./linear-model.js";

/** Indices and values of equal length; an index given twice counts with the sum of its values. */
export type SparseEntries = readonly [indices: ArrayLike<number>, values: ArrayLike<number>];

export interface ColumnSpec {
  readonly lower: number;
  readonly upper: number;
  readonly cost: number;
  readonly integer?: boolean;
  /** Coefficients in rows that exist already. */
  readonly entries?: SparseEntries;
}

export interface RowSpec {
  readonly lower: number;
  readonly upper: number;
  /** Coefficients of columns that exist already. */
  readonly entries?: SparseEntries;
}

/** Grows a {@link LinearModel}. Indices are dense and never change. */
export interface ModelBuilder {
  columnCount(): number;
  rowCount(): number;
  /** @returns the new column's index. Amortised O(entries). */
  addColumn(column: ColumnSpec): number;
  /** @returns the new row's index. Amortised O(entries). */
  addRow(row: RowSpec): number;
  setColumnBounds(column: number, lower: number, upper: number): void;
  setRowBounds(row: number, lower: number, upper: number): void;
  setCost(column: number, cost: number): void;
  /** A model of its own, untouched by later calls. O(columns + rows + entries). */
  build(): LinearModel;
}

/**
 * An empty model. Every method throws a BugError for NaN, an infinite cost or coefficient, and an
 * index that does not exist; crossed bounds are allowed (such a model is infeasible).
 */
export function createModelBuilder(sense: LinearModel["sense"], objectiveOffset = 0): ModelBuilder {
  requireFinite(objectiveOffset, "objective offset");
  const columnLower = createList();
  const columnUpper = createList();
  const cost = createList();
  const integer = createList();
  const rowLower = createList();
  const rowUpper = createList();
  const entryRow = createList();
  const entryColumn = createList();
  const entryValue = createList();

  function addEntry(row: number, column: number, value: number): void {
    if (value === 0) return;
    entryRow.push(row);
    entryColumn.push(column);
    entryValue.push(value);
  }

  return {
    columnCount: () => cost.length(),
    rowCount: () => rowLower.length(),
    addColumn(column) {
      requireBounds(column.lower, column.upper, "column");
      requireFinite(column.cost, "cost");
      const [rows, values] = mergeEntries(column.entries ?? [[], []], rowLower.length());
      const index = cost.length();
      columnLower.push(column.lower);
      columnUpper.push(column.upper);
      cost.push(column.cost);
      integer.push(column.integer === true ? 1 : 0);
      for (let k = 0; k < rows.length; k++) addEntry(rows[k]!, index, values[k]!);
      return index;
    },
    addRow(row) {
      requireBounds(row.lower, row.upper, "row");
      const [columns, values] = mergeEntries(row.entries ?? [[], []], cost.length());
      const index = rowLower.length();
      rowLower.push(row.lower);
      rowUpper.push(row.upper);
      for (let k = 0; k < columns.length; k++) addEntry(index, columns[k]!, values[k]!);
      return index;
    },
    setColumnBounds(column, lower, upper) {
      requireBounds(lower, upper, "column");
      columnLower.set(column, lower);
      columnUpper.set(column, upper);
    },
    setRowBounds(row, lower, upper) {
      requireBounds(lower, upper, "row");
      rowLower.set(row, lower);
      rowUpper.set(row, upper);
    },
    setCost(column, value) {
      requireFinite(value, "cost");
      cost.set(column, value);
    },
    build() {
      const [rows, columns, values] = [entryRow.view(), entryColumn.view(), entryValue.view()];
      const rowStart = new Int32Array(rowLower.length() + 1);
      for (const row of rows) rowStart[row + 1]!++;
      for (let r = 0; r < rowLower.length(); r++) rowStart[r + 1]! += rowStart[r]!;
      const next = rowStart.slice();
      const columnIndex = new Int32Array(rows.length);
      const value = new Float64Array(rows.length);
      for (let k = 0; k < rows.length; k++) {
        const at = next[rows[k]!]!++;
        columnIndex[at] = columns[k]!;
        value[at] = values[k]!;
      }
      return {
        sense,
        objectiveOffset,
        columnCount: cost.length(),
        rowCount: rowLower.length(),
        cost: cost.view().slice(),
        columnLower: columnLower.view().slice(),
        columnUpper: columnUpper.view().slice(),
        integer: Uint8Array.from(integer.view()),
        rowLower: rowLower.view().slice(),
        rowUpper: rowUpper.view().slice(),
        rowStart,
        columnIndex,
        value,
      };
    },
  };
}

/** A builder that already holds `model`, to add columns, rows or bounds to it. O(size of the model). */
export function extendModel(model: LinearModel): ModelBuilder {
  const builder = createModelBuilder(model.sense, model.objectiveOffset);
  for (let j = 0; j < model.columnCount; j++) {
    builder.addColumn({
      lower: model.columnLower[j]!,
      upper: model.columnUpper[j]!,
      cost: model.cost[j]!,
      integer: model.integer[j] === 1,
    });
  }
  for (let r = 0; r < model.rowCount; r++) {
    const [from, to] = [model.rowStart[r]!, model.rowStart[r + 1]!];
    builder.addRow({
      lower: model.rowLower[r]!,
      upper: model.rowUpper[r]!,
      entries: [model.columnIndex.subarray(from, to), model.value.subarray(from, to)],
    });
  }
  return builder;
}

/**
 * The entries with every index once, sorted by index where they were not already strictly
 * increasing. O(k) if they were, O(k log k) otherwise.
 * @throws BugError on a bad index, a value that is not finite, or lengths that differ.
 */
export function mergeEntries(entries: SparseEntries, indexCount: number): [number[], number[]] {
  const [indices, values] = [Array.from(entries[0]), Array.from(entries[1])];
  if (indices.length !== values.length)
    throw new BugError(`${indices.length} indices with ${values.length} values`);
  let increasing = true;
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k]!;
    if (!Number.isInteger(index) || index < 0 || index >= indexCount)
      throw new BugError(`index ${index} outside 0..${indexCount - 1}`);
    requireFinite(values[k]!, "coefficient");
    if (k > 0 && index <= indices[k - 1]!) increasing = false;
  }
  if (increasing) return [indices, values];
  const sum = new Map<number, number>();
  for (let k = 0; k < indices.length; k++)
    sum.set(indices[k]!, (sum.get(indices[k]!) ?? 0) + values[k]!);
  const sorted = [...sum].sort((a, b) => a[0] - b[0]);
  return [sorted.map(([index]) => index), sorted.map(([, value]) => value)];
}

interface NumberList {
  length(): number;
  push(value: number): void;
  set(index: number, value: number): void;
  /** The numbers so far, sharing memory; valid until the next push. */
  view(): Float64Array;
}

function createList(): NumberList {
  let numbers = new Float64Array(16);
  let count = 0;
  return {
    length: () => count,
    push(value) {
      if (count === numbers.length) {
        const larger = new Float64Array(2 * count);
        larger.set(numbers);
        numbers = larger;
      }
      numbers[count++] = value;
    },
    set(index, value) {
      if (!Number.isInteger(index) || index < 0 || index >= count)
        throw new BugError(`index ${index} outside 0..${count - 1}`);
      numbers[index] = value;
    },
    view: () => numbers.subarray(0, count),
  };
}

function requireFinite(value: number, what: string): void {
  if (!Number.isFinite(value)) throw new BugError(`${what} ${value} is not finite`);
}

function requireBounds(lower: number, upper: number, what: string): void {
  if (Number.isNaN(lower) || Number.isNaN(upper))
    throw new BugError(`${what} bounds [${lower}, ${upper}] hold NaN`);
}
