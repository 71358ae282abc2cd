import type { Placement } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import type { SolveResult, Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import { buildCover, countCoverColumns, ROUNDING, type CoverModel } from "./cover-model.js";
import { tightenCover } from "./cover-cuts.js";
import type { LoadBytes } from "./load-bytes.js";

export interface CoverOptions {
  /** Tokens/s that must be carried. */
  readonly floor: number;
  /** The best change known: only fewer bytes are looked for. */
  readonly known: Placement;
  readonly timeLimitSeconds: number;
  /** Branch-and-bound nodes. */
  readonly nodeLimit: number;
  /** Columns of the largest core that branch and bound looks at. */
  readonly mostCore: number;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** Whether a placement carries the floor over the links that there are. */
  readonly carries: (placement: Placement) => boolean;
}

export interface CoverOutcome {
  /** No placement that carries the floor loads fewer bytes. */
  readonly bound: number;
  /** How that is known. */
  readonly method: "layers that nobody holds" | "covering LP" | "covering MILP";
  /** Placements whose nodes compute enough for every layer; links may be too thin for them. */
  readonly placements: readonly Placement[];
}

/** Above this many columns the model is not built. */
const MOST_COLUMNS = 60_000;
/** Columns of the first core, and how much larger the next one is. */
const FIRST_CORE = 1500;
const CORE_GROWTH = 2.5;

/**
 * The fewest bytes by which every layer gets nodes that compute the floor together. A placement that carries the
 * floor covers every layer so (each token passes each layer on some node that holds it), so no such placement loads
 * less than the program's bound. Links, limits on depth and on nodes per layer are left out: the bound is valid with
 * them, and lower than it could be.
 */
export function coverChange(
  problem: PlanningProblem,
  load: LoadBytes,
  solver: Solver,
  options: CoverOptions,
): CoverOutcome {
  const uncovered = countUncovered(problem, load);
  const plain = { bound: uncovered, method: "layers that nobody holds", placements: [] } as const;
  const known = load.total(options.known);
  if (known <= uncovered || countCoverColumns(problem, load) > MOST_COLUMNS) return plain;
  const { shouldStop, timeLimitSeconds, floor } = options;
  const whole = buildCover(problem, load, { floor });
  const limits = { timeLimitSeconds, shouldStop };
  const plainly = solver.solve(whole.model, { ...limits, relax: true });
  const { layers } = problem.cluster.model;
  const { model, relaxed } = tightenCover(whole.model, plainly, layers, solver, limits);
  const cover = { ...whole, model };
  const relaxedBytes = roundUp(relaxed.bound * load.largestLayer, load);
  if (relaxed.reducedCosts === undefined) return plain;
  // Fractions may cover every layer at no byte where whole nodes cannot, so branch and bound goes on from nothing too.
  const bound = Math.max(uncovered, Math.min(relaxedBytes, known));
  const proven = relaxedBytes > uncovered ? "covering LP" : plain.method;
  if (bound === known || shouldStop()) return { bound, method: proven, placements: [] };
  const grown = growCore({ cover, load, solver, relaxed, options }, bound);
  return { ...grown, method: grown.bound > bound ? "covering MILP" : proven };
}

interface Core {
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
function growCore(
  { cover, load, solver, relaxed, options }: Core,
  proven: number,
): Omit<CoverOutcome, "method"> {
  const { largestLayer } = load;
  const { shouldStop, nodeLimit, now, known } = options;
  const reduced = relaxed.reducedCosts!;
  const sorted = Float64Array.from(reduced).sort();
  const started = now();
  const placements: Placement[] = [];
  const start = cover.encode(known);
  let least = load.total(known);
  let bound = proven;
  for (let size = FIRST_CORE; bound < least && size <= options.mostCore; size *= CORE_GROWTH) {
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

/** Bytes of the layers that no node which may hold any holds now: somebody must load them. */
function countUncovered({ cluster, constraints }: PlanningProblem, load: LoadBytes): number {
  let bytes = 0;
  for (let layer = 0; layer < cluster.model.layers; layer++) {
    const isHeld = load.held.some(
      (interval, node) =>
        interval !== null &&
        !constraints.drained.has(node) &&
        interval[0] <= layer &&
        layer < interval[1],
    );
    if (!isHeld) bytes += load.between(layer, layer + 1);
  }
  return bytes;
}

/** A lower bound in bytes, less what solvers may be wrong by, up to the next amount that there is. */
function roundUp(bytes: number, { largestLayer, step }: LoadBytes): number {
  if (bytes === Infinity) return Infinity;
  const safe = Math.max(0, bytes - ROUNDING * Math.max(bytes, largestLayer));
  return step > 1e-3 * largestLayer ? Math.ceil(safe / step) * step : safe;
}
