import type { Placement } from "../../core/placement.js";
import type { Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import { tightenCover } from "./cover-cuts.js";
import { buildCover, countCoverColumns } from "./cover-model.js";
import { growCore, roundUp } from "./grow-core.js";
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
  /** Columns of the first. */
  readonly firstCore?: number;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** Whether a placement carries the floor over the links that there are. */
  readonly carries: (placement: Placement) => boolean;
}

export interface CoverOutcome {
  /** No placement that carries the floor loads fewer bytes. */
  readonly bound: number;
  /** How that is known. */
  readonly method:
    | "layers that nobody holds"
    | "covering LP"
    | "covering MILP"
    | "chains by rate"
    | "prices of nodes";
  /** Placements whose nodes compute enough for every layer; links may be too thin for them. */
  readonly placements: readonly Placement[];
}

/** Above this many columns the model is not built. */
export const MOST_COLUMNS = 60_000;

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

/** Bytes of the layers that no node which may hold any holds now: somebody must load them. */
export function countUncovered({ cluster, constraints }: PlanningProblem, load: LoadBytes): number {
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
