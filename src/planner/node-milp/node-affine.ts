import type { ModelBuilder } from "../../math/lp/model-builder.js";

/** constant + Σ coefficients[k] · x[columns[k]]. A node that is fixed has constants where a free one has columns. */
export interface Affine {
  readonly constant: number;
  readonly columns: readonly number[];
  readonly coefficients: readonly number[];
}

export function affineConstant(constant: number): Affine {
  return { constant, columns: [], coefficients: [] };
}

export function affineColumn(column: number, coefficient = 1): Affine {
  return { constant: 0, columns: [column], coefficients: [coefficient] };
}

/** Σ factor · expression. */
export function combine(
  ...terms: readonly (readonly [factor: number, expression: Affine])[]
): Affine {
  return {
    constant: terms.reduce((sum, [factor, { constant }]) => sum + factor * constant, 0),
    columns: terms.flatMap(([, { columns }]) => columns),
    coefficients: terms.flatMap(([factor, { coefficients }]) =>
      coefficients.map((coefficient) => factor * coefficient),
    ),
  };
}

/** Σ of columns, each with coefficient 1. */
export function sumColumns(columns: readonly number[]): Affine {
  return { constant: 0, columns, coefficients: columns.map(() => 1) };
}

/** The row lower ≤ expression ≤ upper; none if the expression is a constant that keeps it. */
export function addAffineRow(
  builder: ModelBuilder,
  expression: Affine,
  lower: number,
  upper: number,
): void {
  const { constant, columns, coefficients } = expression;
  if (columns.length === 0 && lower <= constant && constant <= upper) return;
  const bounds = { lower: lower - constant, upper: upper - constant };
  builder.addRow({ ...bounds, entries: [columns, coefficients] });
}

/** binary = 1 ⇒ expression ≤ 0, where the expression never exceeds `most`. */
export function addImplication(
  builder: ModelBuilder,
  binary: number,
  expression: Affine,
  most: number,
): void {
  if (most <= 0) return;
  addAffineRow(builder, combine([1, expression], [most, affineColumn(binary)]), -Infinity, most);
}
