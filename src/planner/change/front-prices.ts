import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import { ROUNDING } from "./cover-model.js";
import type { FrontSpace } from "./front-space.js";
import type { Front } from "./front-steps.js";

/** What layers pay, and what things cost that are used: from a layer on, no choice costs less than its layers pay for it. */
export interface FrontPrices {
  /** The layer. */
  readonly from: number;
  readonly paid: Float64Array;
  /** What all layers from each one on pay. */
  readonly onward: Float64Array;
  readonly prices: Float64Array;
}

/** What is known of a way up to a border. */
export interface FrontLabel {
  readonly cost: number;
  /** Of each thing that something ahead may use: what is left. */
  readonly left: Uint8Array;
}

/** A layer that nobody computes, in layers to load. */
const UNCOVERED = 50;
const NEED = 1 - ROUNDING;

/**
 * The relaxation of what is ahead of a border, with what is left there: its duals are right for every other way as well.
 * A layer may stay uncovered at a price, so that there always are some. Undefined where the solver has none.
 */
export function priceAhead(
  space: FrontSpace,
  border: number,
  { ends, shares }: Front,
  left: Uint8Array,
  solver: Solver,
  shouldStop: () => boolean,
): FrontPrices | undefined {
  const { layers, starts } = space;
  const builder = createModelBuilder("minimize");
  for (let layer = border; layer < layers; layer++) {
    const covered = ends.reduce((sum, end, at) => sum + (end > layer ? shares[at]! : 0), 0);
    builder.addRow({ lower: Math.max(0, 1 - covered), upper: Infinity });
  }
  const rows = Array.from(left, (upper) => builder.addRow({ lower: 0, upper }));
  for (let start = border; start < layers; start++) {
    builder.addColumn({
      lower: 0,
      upper: 1,
      cost: UNCOVERED,
      integer: false,
      entries: [[start - border], [1]],
    });
    for (const { end, share, cost, uses } of starts[start]!) {
      const covers = Array.from({ length: end - start }, (_, k) => start - border + k);
      builder.addColumn({
        lower: 0,
        upper: Infinity,
        cost,
        integer: false,
        entries: [
          [...covers, ...uses.map((thing) => rows[thing]!)],
          [...covers.map(() => share), ...uses.map(() => 1)],
        ],
      });
    }
  }
  const { rowDuals } = solver.solve(builder.build(), { relax: true, presolve: false, shouldStop });
  if (rowDuals === undefined) return undefined;
  const paid = new Float64Array(layers + 1);
  for (let layer = border; layer < layers; layer++)
    paid[layer] = Math.max(0, rowDuals[layer - border]!);
  const prices = Float64Array.from(rows, (row) => Math.max(0, -rowDuals[row]!));
  return complete(space, border, paid, prices);
}

/** Any prices are right once nothing costs less than its layers pay: each choice uses one thing at least, and all get dearer by what lacks. */
function complete(
  { layers, starts }: FrontSpace,
  from: number,
  paid: Float64Array,
  prices: Float64Array,
): FrontPrices {
  const onward = new Float64Array(layers + 1);
  for (let layer = layers - 1; layer >= from; layer--)
    onward[layer] = onward[layer + 1]! + paid[layer]!;
  let lacks = 0;
  for (let start = from; start < layers; start++)
    for (const { end, share, cost, uses } of starts[start]!) {
      const costs = uses.reduce((sum, thing) => sum + prices[thing]!, cost);
      lacks = Math.max(lacks, share * (onward[start]! - onward[end]!) - costs);
    }
  if (lacks > 0) for (let thing = 0; thing < prices.length; thing++) prices[thing]! += lacks;
  return { from, paid, onward, prices };
}

/**
 * What a way costs at least, to the end: what it has cost, what layers ahead pay beyond what is at work there, less what
 * is left of what has a price. What nothing ahead uses counts no more.
 */
export function boundAhead(
  { paid, onward, prices }: FrontPrices,
  border: number,
  covered: Float64Array,
  { cost, left }: FrontLabel,
): number {
  let bound = cost + NEED * onward[border]!;
  for (let k = 0; k < covered.length; k++) bound -= Math.min(NEED, covered[k]!) * paid[border + k]!;
  for (let thing = 0; thing < left.length; thing++) bound -= left[thing]! * prices[thing]!;
  return bound;
}
