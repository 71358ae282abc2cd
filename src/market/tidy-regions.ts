import { createModelBuilder } from "../math/lp/model-builder.js";
import type { Solver } from "../math/lp/solver.js";
import type { MixProblem } from "./mix-problem.js";

/**
 * The same machines from as few regions as the money allows: links between regions are thin, and
 * the model that chose the machines does not see them. The mix itself where nothing better is found.
 */
export function tidyRegions(
  problem: MixProblem,
  counts: readonly number[],
  mostPrice: number,
  solver: Solver,
): readonly number[] {
  const { offers } = problem;
  const regions = [...new Set(offers.map(({ region }) => region))];
  const used = new Set(offers.filter((_, o) => counts[o]! > 0).map(({ region }) => region));
  if (used.size <= 1) return counts;
  const builder = createModelBuilder("minimize");
  for (const { available } of offers) {
    builder.addColumn({ lower: 0, upper: available, cost: 0, integer: true });
  }
  const first = offers.length;
  for (const _ of regions) builder.addColumn({ lower: 0, upper: 1, cost: 1, integer: true });
  const kindOf = offers.map(({ groups }) => groups.join());
  for (const kind of new Set(kindOf)) {
    const own = [...offers.keys()].filter((o) => kindOf[o] === kind);
    const total = own.reduce((sum, o) => sum + counts[o]!, 0);
    builder.addRow({ lower: total, upper: total, entries: [own, own.map(() => 1)] });
  }
  offers.forEach(({ available, region }, o) => {
    const column = first + regions.indexOf(region);
    const entries = [
      [o, column],
      [1, -available],
    ] as const;
    builder.addRow({ lower: -Infinity, upper: 0, entries });
  });
  const price = offers.map(({ pricePerHour }) => pricePerHour);
  const upper = mostPrice * (1 + 1e-9);
  builder.addRow({ lower: -Infinity, upper, entries: [[...offers.keys()], price] });
  const result = solver.solve(builder.build(), { nodeLimit: 2000 });
  if (result.columns === undefined || result.objective! >= used.size - 0.5) return counts;
  return offers.map((_, o) => Math.round(result.columns![o]!));
}
