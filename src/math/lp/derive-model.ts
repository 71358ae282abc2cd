import { createModelBuilder, extendModel } from "./model-builder.js";
import type { LinearModel } from "./linear-model.js";

/** The model without integrality, sharing every other array. */
export function relaxModel(model: LinearModel): LinearModel {
  return { ...model, integer: new Uint8Array(model.columnCount) };
}

/** The model with a zero objective, sharing every other array. */
export function dropObjective(model: LinearModel): LinearModel {
  return { ...model, objectiveOffset: 0, cost: new Float64Array(model.columnCount) };
}

/** The model with the row costᵀx ≤ cutoff − offset (≥ for maximize) as its last. */
export function addCutoffRow(model: LinearModel, cutoff: number): LinearModel {
  const builder = extendModel(model);
  const side = cutoff - model.objectiveOffset;
  builder.addRow({
    lower: model.sense === "minimize" ? -Infinity : side,
    upper: model.sense === "minimize" ? side : Infinity,
    entries: [Array.from(model.cost, (_, column) => column), model.cost],
  });
  return builder.build();
}

/**
 * Minimise the sum of row violations: columns 0..columnCount−1 are the model's own, each row gains
 * two slacks. Feasible whenever the columns' own domains are; its optimum is 0 exactly when the
 * model is feasible.
 */
export function makeElastic(model: LinearModel): LinearModel {
  const builder = createModelBuilder("minimize");
  for (let j = 0; j < model.columnCount; j++) {
    builder.addColumn({
      lower: model.columnLower[j]!,
      upper: model.columnUpper[j]!,
      cost: 0,
      integer: model.integer[j] === 1,
    });
  }
  for (let r = 0; r < model.rowCount; r++) {
    const short = builder.addColumn({ lower: 0, upper: Infinity, cost: 1 });
    const over = builder.addColumn({ lower: 0, upper: Infinity, cost: 1 });
    const [from, to] = [model.rowStart[r]!, model.rowStart[r + 1]!];
    builder.addRow({
      lower: model.rowLower[r]!,
      upper: model.rowUpper[r]!,
      entries: [
        [...model.columnIndex.subarray(from, to), short, over],
        [...model.value.subarray(from, to), 1, -1],
      ],
    });
  }
  return builder.build();
}
