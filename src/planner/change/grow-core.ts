import type { Placement } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import type { SolveResult, Solver } from "../../math/lp/solver.js";
import type { CoverOptions, CoverOutcome } from "./cover-change.js";
import { ROUNDING, type CoverModel } from "./cover-model.js";
import type { LoadBytes } from "./load-bytes.js";

/** Columns of the first core, and how much larger the next one is. */
const FIRST_CORE = 1500;
const CORE_GROWTH = 2.5;

export interface Core {
  readonly cover: CoverModel;
  readonly load: LoadBytes;
  readonly solver: Solver;
  readonly relaxed: SolveResult;
  readonly options: CoverOptions;
}

/**
 * Branch and bound over the columns of least reduced cost alone (and those of the best change known), more of them
 * each time. A solution with any other column costs at least the relaxation and that column's reduced cost, so the lesser of
 * that and of what the core proves is a bound for all. Ends where bound and change meet, at a limit, or with all columns.
 */
export function growCore(
  { cover, load, solver, relaxed, options }: Core,
  proven: number,
): Omit<CoverOutcome, "method"> {
  const { largestLayer } = load;
  const { shouldStop, nodeLimit, now, known } = options;
  const reduced = relaxed.reducedCosts!;
  const sorted = reduced.slice().sort();
  const started = now();
  const placements: Placement[] = [];
  const start = cover.encode(known);
  let least = load.total(known);
  let bound = proven;
  const first = options.firstCore ?? FIRST_CORE;
  for (
    let size = first;
    !isMet(least, bound, load) && size <= options.mostCore;
    size *= CORE_GROWTH
  ) {
    const seconds = options.timeLimitSeconds - (now() - started);
    if (seconds <= 0 || shouldStop()) break;
    // A column in which one node alone costs more than is left to save is in no better solution.
    const spare = (least / largestLayer - relaxed.bound) * (1 + ROUNDING) + ROUNDING;
    const most = Math.min(spare, sorted[Math.floor(size)] ?? Infinity);
    const behind = sorted.find((cost) => cost > most) ?? Infinity;
    const keeps = (column: number): boolean =>
      reduced[column]! <= most || (start?.[column] ?? 0) > 0;
    const mip = solver.solve(keepColumns(cover.model, keeps), {
      timeLimitSeconds: seconds,
      nodeLimit,
      shouldStop,
      ...(start === undefined ? {} : { start }),
    });
    if (mip.columns !== undefined) {
      const placement = cover.decode(mip.columns);
      placements.push(placement);
      if (options.carries(placement)) least = Math.min(least, load.total(placement));
    }
    const inCore = mip.status === "infeasible" ? Infinity : roundUp(mip.bound * largestLayer, load);
    const outside = roundUp((relaxed.bound + behind) * largestLayer, load);
    bound = Math.max(bound, Math.min(inCore, outside, least));
    if (inCore <= outside) break;
  }
  return { bound, placements };
}

/** The model without the other columns: their upper bound is zero, which presolve removes. */
function keepColumns(model: LinearModel, keeps: (column: number) => boolean): LinearModel {
  return {
    ...model,
    columnUpper: model.columnUpper.map((upper, column) => (keeps(column) ? upper : 0)),
  };
}

/** A lower bound in bytes, less what solvers may be wrong by, up to the next amount that there is. */
export function roundUp(bytes: number, { largestLayer, step }: LoadBytes): number {
  if (bytes === Infinity) return Infinity;
  const safe = Math.max(0, bytes - ROUNDING * Math.max(bytes, largestLayer));
  return step > 1e-3 * largestLayer ? Math.ceil(safe / step) * step : safe;
}

/** Whether a bound is as near as {@link roundUp} lets it come where bytes come in no steps. */
export function isMet(bytes: number, bound: number, { largestLayer }: LoadBytes): boolean {
  return bytes - bound <= 2 * ROUNDING * Math.max(bytes, largestLayer);
}
