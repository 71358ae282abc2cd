import type { Solver } from "../../math/lp/solver.js";
import type { RegionMap } from "../graph/region-detection.js";
import type { Cluster } from "../../core/cluster.js";
import { coordinatorCut, describeNetwork } from "./network-model.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { createRegionRefuter } from "./network-refutation.js";

export interface NetworkBoundOptions {
  /** Tokens/s known to be carried: nothing below is tried. */
  readonly feasible?: number;
  /** A bound already proven. */
  readonly upperBound?: number;
  /** Relative width of the last bracket. Default 1e-5. */
  readonly precision?: number;
  /** Most flows tried. */
  readonly maxTrials?: number;
  readonly shouldStop?: () => boolean;
  /** Called with every better bound. */
  readonly onBound?: (value: number, name: string) => void;
}

/**
 * The least flow that the region bound refutes, by bisection between what is carried and what is
 * proven. First the flow just above the known one is tried: if that is refuted, all is said.
 * @returns an upper bound in tokens/s for every legal placement; `upperBound` if nothing better.
 */
export function regionBound(
  cluster: Cluster,
  regions: RegionMap,
  drained: ReadonlySet<number>,
  solver: Solver,
  options: NetworkBoundOptions = {},
): number {
  const { precision = 1e-5, maxTrials = 40, shouldStop = () => false } = options;
  const cut = coordinatorCut(cluster);
  const model = describeNetwork(cluster, regions, drained);
  const start = Math.min(cut, truncatedSumBound(model.classes, model.layers));
  let infeasible = options.upperBound ?? Infinity;
  const improve = (value: number, name: string): void => {
    if (value >= infeasible) return;
    infeasible = value;
    options.onBound?.(value, name);
  };
  improve(start, start === cut ? "coordinator-cut" : "truncated");
  let feasible = Math.min(options.feasible ?? 0, infeasible);
  const refuter = createRegionRefuter(model, solver, { shouldStop });
  for (let trial = 0; trial < maxTrials; trial++) {
    if (shouldStop() || infeasible - feasible <= precision * infeasible) break;
    const flow =
      trial === 0 && feasible > 0 ? feasible * (1 + precision / 2) : (feasible + infeasible) / 2;
    if (refuter.refutes(flow)) improve(flow, "regions");
    else feasible = flow;
  }
  return infeasible;
}
