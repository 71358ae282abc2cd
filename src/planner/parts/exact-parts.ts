import { withParts, type CardRow, type Partition } from "../../core/parting.js";
import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { Solver } from "../../math/lp/solver.js";
import { buildIntervalModel, readIntervalPlacement } from "../node-milp/node-interval-model.js";
import type { PlanningProblem } from "../problem/problem.js";
import { scaleCluster } from "../views/scale-cluster.js";

/** What the exact model says of all partitions together. */
export interface ExactParts {
  /** Tokens/s that no partition and no placement exceeds. */
  readonly bound: number;
  /** The partition of the best placement found. */
  readonly partition: Partition | undefined;
}

/** Largest flow in the scaled model, tokens/s: solvers have absolute tolerances. */
const USUAL_SIZE = 1000;
/** Binaries up to which the model is worth solving. */
const MOST_CHOICES = 150;
/** Nodes of branch and bound: where a search is counted in steps, no clock ends the model. Its bound holds at any node. */
const MOST_NODES = 200;

/**
 * The exact model with every part that a machine can have as an optional node, and a row for every card:
 * of the parts that need it, one holds layers. Parts of each degree stand where parts of the same or a
 * larger degree before them leave them room, which is enough: parts in descending order fit any row that
 * has their cards. Its optimum is a bound on all partitions; the placement names the best one.
 * @returns undefined where the cluster is too large, or the solver failed.
 */
export function solveExactParts(
  problem: PlanningProblem,
  upperBound: number,
  solver: Solver,
  shouldStop: () => boolean,
): ExactParts | undefined {
  const cluster = withParts(problem.cluster, (rows) => rows.flatMap(listPlaces));
  const { layers } = cluster.model;
  const choices = cluster.nodes.reduce((sum, { machine }) => {
    const most = Math.min(layers, cluster.machines[machine]!.capacity.maxLayers);
    return sum + most * layers - (most * (most - 1)) / 2;
  }, 0);
  if (choices > MOST_CHOICES || !(upperBound > 0) || upperBound === Infinity) return undefined;
  const factor = USUAL_SIZE / upperBound;
  const model = buildIntervalModel(
    {
      ...problem,
      cluster: scaleCluster(cluster, factor),
    },
    upperBound * factor * (1 + 1e-4),
  );
  const result = solver.solve(model.model, { seed: 1, nodeLimit: MOST_NODES, shouldStop });
  if (result.status === "failed" || result.status === "infeasible") return undefined;
  const bound = (result.bound + RELATIVE_TOLERANCE * Math.max(1, Math.abs(result.bound))) / factor;
  const placement =
    result.columns === undefined ? undefined : readIntervalPlacement(model, result.columns);
  return { bound, partition: placement && partitionFor(cluster, placement) };
}

/** Places of parts in a row, one for every number of cards that larger or equal parts can take before it. */
function listPlaces(
  row: CardRow,
): readonly { readonly first: number; readonly count: number; readonly machine: number }[] {
  const taken = new Set([0]);
  const places: { first: number; count: number; machine: number }[] = [];
  for (const [degree, machine] of [...row.degrees].toSorted(([a], [b]) => b - a)) {
    for (let used = 0; used + degree <= row.count; used++) {
      if (!taken.has(used)) continue;
      places.push({ first: row.first + used, count: degree, machine });
      taken.add(used + degree);
    }
  }
  return places;
}

/** The parts that hold layers; cards that are left go to parts as large as fit. */
function partitionFor(cluster: Cluster, placement: Placement): Partition {
  let host = 0;
  return cluster.parting!.boxes.map((box) => {
    if (box.kind === "node") return [];
    const own = host++;
    return box.rows.map((row) => {
      const parts = cluster.nodes.flatMap(({ part }, node) =>
        part?.host === own &&
        placement[node] !== null &&
        part.first >= row.first &&
        part.first < row.first + row.count
          ? [part.count]
          : [],
      );
      let left = row.count - parts.reduce((sum, count) => sum + count, 0);
      for (const degree of [...row.degrees.keys()].sort((a, b) => b - a))
        for (; left >= degree; left -= degree) parts.push(degree);
      return parts;
    });
  });
}
