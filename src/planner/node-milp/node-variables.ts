import { largest } from "../../core/extremes.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import { machineOf } from "../../core/cluster.js";
import {
  addAffineRow,
  affineColumn,
  affineConstant,
  combine,
  sumColumns,
  type Affine,
} from "./node-affine.js";
import type { PlanningProblem } from "../problem/problem.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";

/** One node in the model: columns if it is free, constants if it is fixed. Layers, tokens/s. */
export interface NodeVariables {
  readonly node: number;
  /** s_i, e_i, Σ_k b_ik (1 = holds layers) and Σ_k T(k) b_ik. An empty node has e_i = s_i. */
  readonly start: Affine;
  readonly end: Affine;
  readonly held: Affine;
  readonly capacity: Affine;
  readonly startRange: readonly [least: number, most: number];
  /** Of a node that holds layers. */
  readonly endRange: readonly [least: number, most: number];
  /** The most it can carry: max T(k). */
  readonly mostTokens: number;
  /** Columns of a free node: s_i, and b_ik at `hold[k − 1]`. */
  readonly free: { readonly start: number; readonly hold: readonly number[] } | undefined;
}

/**
 * s_i integer, b_ik binary (k = 1..K_i) with Σ_k b_ik ≤ 1 and e_i ≤ L for every free node.
 * @returns one entry per node; undefined for those that are drained or cannot hold a layer.
 */
export function addNodeVariables(
  builder: ModelBuilder,
  problem: PlanningProblem,
): readonly (NodeVariables | undefined)[] {
  const { cluster, constraints } = problem;
  return cluster.nodes.map((_, node) => {
    if (constraints.drained.has(node)) return undefined;
    return constraints.pins.has(node)
      ? describeFixed(problem, node)
      : addFree(builder, problem, node);
  });
}

function describeFixed({ cluster, constraints }: PlanningProblem, node: number): NodeVariables {
  const interval = constraints.pins.get(node)!;
  const [start, end] = interval;
  const tokens = capacityOf(cluster, node, interval);
  return {
    node,
    start: affineConstant(start),
    end: affineConstant(end),
    held: affineConstant(1),
    capacity: affineConstant(tokens),
    startRange: [start, start],
    endRange: [end, end],
    mostTokens: tokens,
    free: undefined,
  };
}

function addFree(
  builder: ModelBuilder,
  { cluster }: PlanningProblem,
  node: number,
): NodeVariables | undefined {
  const { layers } = cluster.model;
  const { tokensPerSecond } = machineOf(cluster, node).capacity;
  const most = mostLayers(cluster, node);
  if (most === 0) return undefined;
  const start = builder.addColumn({ lower: 0, upper: layers - 1, cost: 0, integer: true });
  const hold = Array.from({ length: most }, () =>
    builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true }),
  );
  const size: Affine = { constant: 0, columns: hold, coefficients: hold.map((_, k) => k + 1) };
  const held = sumColumns(hold);
  const end = combine([1, affineColumn(start)], [1, size]);
  addAffineRow(builder, held, -Infinity, 1);
  addAffineRow(builder, end, -Infinity, layers);
  return {
    node,
    start: affineColumn(start),
    end,
    held,
    capacity: { constant: 0, columns: hold, coefficients: tokensPerSecond.slice(0, most) },
    startRange: [0, layers - 1],
    endRange: [1, layers],
    mostTokens: largest(tokensPerSecond.slice(0, most)),
    free: { start, hold },
  };
}
