import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { SolveOptions, Solver } from "../../math/lp/solver.js";
import type { ChainSpace } from "./chain-space.js";
import type { ChainStep } from "./cheapest-chain.js";

/** Chains of one level: how many, and the chains that they may take their steps from, the best first. */
export interface LevelChains {
  readonly level: number;
  readonly count: number;
  readonly like: readonly (readonly ChainStep[])[];
}

type LayOptions = Pick<SolveOptions, "timeLimitSeconds" | "nodeLimit" | "cutoff" | "shouldStop">;

/** Steps for the chains of one level at most. */
const MOST_STEPS = 1000;

interface Step {
  /** Index into the levels asked for. */
  readonly chains: number;
  readonly step: ChainStep;
  /** The region that it comes from; the first ones come from their own. */
  readonly from: number;
}

/**
 * Whole chains of given rates with the fewest bytes: an integer program with a column for each step of a chain, a row for each
 * border, region and level, and one for each class. Columns of chains have too few of those that whole numbers need.
 * @returns the steps of all chains together.
 */
export function layRates(
  space: ChainSpace,
  asked: readonly LevelChains[],
  solver: Solver,
  limits: LayOptions,
): readonly ChainStep[] | undefined {
  const { classes, layers, regions } = space;
  const steps = asked.flatMap((chains, at) => listSteps(space, chains, at));
  const builder = createModelBuilder("minimize");
  for (const { nodes } of classes) builder.addRow({ lower: 0, upper: nodes.length });
  const borders = asked.map(() =>
    Array.from({ length: layers * regions }, () => builder.addRow({ lower: 0, upper: 0 })),
  );
  const starts = asked.map(({ count }) => builder.addRow({ lower: count, upper: count }));
  for (const { chains, step, from } of steps) {
    const [at, start, end] = step;
    const { region, bytes, nodes } = classes[at]!;
    const rowAt = (border: number, own: number): number =>
      borders[chains]![border * regions + own]!;
    const rows = [at, start === 0 ? starts[chains]! : rowAt(start, from)];
    const values = [1, start === 0 ? 1 : -1];
    if (end < layers) {
      rows.push(rowAt(end, region));
      values.push(1);
    }
    const cost = bytes[start * layers + end - start - 1]!;
    const entries = [rows, values] as const;
    builder.addColumn({ lower: 0, upper: nodes.length, cost, integer: true, entries });
  }
  const { columns } = solver.solve(builder.build(), limits);
  if (columns === undefined) return undefined;
  return steps.flatMap(({ step }, index) =>
    Array.from({ length: Math.round(columns[index]!) }, () => step),
  );
}

/** The steps of the best chains, from each region that the step can come from. */
function listSteps(
  { classes, regions, levels }: ChainSpace,
  { level, like }: LevelChains,
  chains: number,
): readonly Step[] {
  const known = new Map<string, Step>();
  for (const nodes of like) {
    if (known.size >= MOST_STEPS) break;
    for (const step of nodes) {
      const [at, start] = step;
      const { region } = classes[at]!;
      for (let from = 0; from < regions; from++) {
        const joins = start === 0 ? from === region : levels[level]!.crosses[from]![region]!;
        if (joins) known.set(`${step.join(" ")} ${from}`, { chains, step, from });
      }
    }
  }
  return [...known.values()];
}
