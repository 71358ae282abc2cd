import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import type { CoverBlock } from "./list-blocks.js";

export interface BlockChoice {
  /** Blocks in order, one entry per use; undefined when none were found that cover the model. */
  readonly blocks: readonly CoverBlock[] | undefined;
  /** Proven: no choice of these blocks covers the model. */
  readonly refuted: boolean;
}

export interface ChoiceOptions {
  readonly supplies: readonly number[];
  readonly layers: number;
  readonly nodeLimit: number;
  readonly seed: number;
  readonly shouldStop: () => boolean;
}

/**
 * Blocks within the node counts whose layers add up to the model's (or more: `endings` are cut off).
 * All data are small integers, so a bound half a layer short of the model is beyond any tolerance.
 */
export function chooseBlocks(
  blocks: readonly CoverBlock[],
  solver: Solver,
  options: ChoiceOptions,
): BlockChoice {
  const { supplies, layers } = options;
  if (blocks.length === 0) return { blocks: undefined, refuted: true };
  const builder = createModelBuilder("maximize");
  for (const supply of supplies) builder.addRow({ lower: -Infinity, upper: supply });
  const endings = builder.addRow({ lower: -Infinity, upper: 1 });
  const length = builder.addRow({ lower: -Infinity, upper: layers });
  const excess = builder.addColumn({
    lower: 0,
    upper: layers,
    cost: -1,
    entries: [[length], [-1]],
  });
  for (const block of blocks) {
    const rows = [length, ...(block.last ? [endings] : [])];
    const values = [block.layers, ...(block.last ? [1] : [])];
    let upper = block.last ? 1 : Math.ceil(layers / block.layers);
    block.usage.forEach((count, t) => {
      if (count === 0) return;
      rows.push(t);
      values.push(count);
      upper = Math.min(upper, Math.floor(supplies[t]! / count));
    });
    builder.addColumn({
      lower: 0,
      upper,
      cost: block.layers,
      integer: true,
      entries: [rows, values],
    });
  }
  const result = solver.solve(builder.build(), {
    nodeLimit: options.nodeLimit,
    seed: options.seed,
    shouldStop: options.shouldStop,
  });
  const enough = result.columns !== undefined && result.objective! >= layers - 0.5;
  const refuted = !enough && result.status === "optimal" && result.bound < layers - 0.5;
  if (!enough) return { blocks: undefined, refuted };
  const chosen = blocks.flatMap((block, b) =>
    Array.from({ length: Math.round(result.columns![excess + 1 + b]!) }, () => block),
  );
  return { blocks: chosen.toSorted((a, b) => Number(a.last) - Number(b.last)), refuted };
}
