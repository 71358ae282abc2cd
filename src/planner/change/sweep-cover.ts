import type { LayerInterval, Placement } from "../../core/placement.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import type { CoverModel } from "./cover-model.js";
import { sweepLabels, type Swept } from "./sweep-labels.js";
import { listSweepSpace, type SweepSpaceOptions } from "./sweep-space.js";
import { sweepStates } from "./sweep-states.js";

export interface SweepCoverOptions extends Omit<SweepSpaceOptions, "spare" | "columns"> {
  readonly cover: CoverModel;
  /** Whether a node may always give up its first or last layer, see {@link sweepStates}. */
  readonly trims: boolean;
  /** In layers of the largest kind; what is as high needs no proof. */
  readonly known: () => number;
  readonly mostStates: number;
  readonly mostLabels: number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound. */
  readonly onBound: (layers: number) => void;
  /** Told of covers, cheapest first; links may be too thin for them. */
  readonly onFound: (placement: Placement) => void;
}

/** The first budget, as a share of the base and in layers at least, and how much larger the next one is. */
const FIRST_BUDGET = 0.1;
const LEAST_BUDGET = 0.5;
const LARGER = 1.25;
/** Covers of one budget that are looked at. */
const MOST_FOUND = 20;

/**
 * Covers are swept from the first layer to the last: at the prices of the cover's relaxation few ways cost little more than it, and these are
 * all looked at, with the nodes of each kind that they use. Within which budget? More and more, until the cheapest is found, or there are too many ways.
 */
export function sweepCover(solver: Solver, options: SweepCoverOptions): void {
  const { known, shouldStop, onBound, onFound, cover } = options;
  const { columns } = cover;
  const { base } = listSweepSpace({ ...options, columns, spare: 0 });
  let budget = Math.max(LEAST_BUDGET, FIRST_BUDGET * base);
  for (; !shouldStop(); budget *= LARGER) {
    const space = listSweepSpace({ ...options, columns, spare: budget });
    const limits = { ...options, budget };
    const levels = sweepStates(space, limits);
    const swept = levels && sweepLabels(space, levels, limits);
    if (swept === undefined) return;
    for (const each of swept.slice(0, MOST_FOUND)) {
      const placement = placeSwept(each, cover, solver);
      if (placement !== undefined) onFound(placement);
    }
    const cheapest = swept[0]?.cost ?? Infinity;
    onBound(Math.min(cheapest, space.base + budget, known()));
    // What is dearer than the cheapest proves no more.
    if (Math.min(cheapest, known()) <= space.base + budget) return;
  }
}

/** Whether each node of a cover may give up its first or its last layer, for no more load and no lower rate. */
export function mayTrim({ columns, model }: CoverModel): boolean {
  const known = new Map<string, number>();
  const keyOf = (group: number, start: number, end: number): string => `${group} ${start} ${end}`;
  columns.forEach(({ group, interval: [start, end] }, column) =>
    known.set(keyOf(group, start, end), column),
  );
  return columns.every(({ group, interval: [start, end], share }, column) =>
    [keyOf(group, start + 1, end), keyOf(group, start, end - 1)].every((key) => {
      const shorter = known.get(key);
      if (end - start === 1) return true;
      if (shorter === undefined) return false;
      return columns[shorter]!.share >= share && model.cost[shorter]! <= model.cost[column]!;
    }),
  );
}

/** Who takes which interval of a cover, so that least is loaded. */
function placeSwept(
  { chosen }: Swept,
  { columns, model, decode }: CoverModel,
  solver: Solver,
): Placement | undefined {
  const builder = createModelBuilder("minimize");
  const rows = new Map<string, { readonly row: number; times: number }>();
  const keyOf = (machine: number, interval: LayerInterval): string =>
    `${machine} ${interval.join()}`;
  for (const { machine, interval } of chosen) {
    const key = keyOf(machine, interval);
    const { row, times } = rows.get(key) ?? {
      row: builder.addRow({ lower: 0, upper: 0 }),
      times: 0,
    };
    builder.setRowBounds(row, times + 1, times + 1);
    rows.set(key, { row, times: times + 1 });
  }
  const groups = new Map<number, number>();
  const taken: number[] = [];
  columns.forEach(({ machine, interval, group }, column) => {
    const row = rows.get(keyOf(machine, interval))?.row;
    if (row === undefined) return;
    const upper = model.columnUpper[column]!;
    const own = groups.get(group) ?? builder.addRow({ lower: 0, upper });
    groups.set(group, own);
    const entries = [
      [row, own],
      [1, 1],
    ] as const;
    builder.addColumn({ lower: 0, upper, cost: model.cost[column]!, integer: true, entries });
    taken.push(column);
  });
  const { columns: values } = solver.solve(builder.build());
  if (values === undefined) return undefined;
  const whole = new Float64Array(columns.length);
  taken.forEach((column, at) => (whole[column] = Math.round(values[at]!)));
  return decode(whole);
}
