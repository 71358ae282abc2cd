import { largest } from "../../core/extremes.js";
import { machineOf } from "../../core/cluster.js";
import { holdsLayers, rateOfLayers } from "../../core/interval-capacity.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import type { LayerInterval } from "../../core/placement.js";
import { addAffineRow, sumColumns } from "./node-affine.js";
import type { PlanningProblem } from "../problem/problem.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";

/** One interval that a node may hold. Its column is 1 when it does; undefined for a fixed node's only one. */
export interface IntervalChoice {
  readonly start: number;
  readonly end: number;
  /** Tokens/s, no more than the upper bound on the throughput. */
  readonly tokens: number;
  readonly column: number | undefined;
}

/** A node and what it may hold: one choice without a column if it is fixed. */
export interface IntervalNode {
  readonly node: number;
  readonly fixed: LayerInterval | undefined;
  readonly choices: readonly IntervalChoice[];
  readonly mostTokens: number;
}

/** Which intervals of free nodes are in the model. */
export type KeepInterval = (node: number, start: number, end: number) => boolean;

/** x_{i,[s,e)} binary with Σ ≤ 1 for every free node: O(L·K) columns each. Empty nodes are left out. */
export function addIntervalVariables(
  builder: ModelBuilder,
  problem: PlanningProblem,
  upperBound: number,
  keep: KeepInterval,
): readonly IntervalNode[] {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const nodes: IntervalNode[] = [];
  for (let node = 0; node < cluster.nodes.length; node++) {
    if (constraints.drained.has(node)) continue;
    const fixed = constraints.pins.get(node);
    if (fixed !== undefined) {
      const tokens = Math.min(capacityOf(cluster, node, fixed), upperBound);
      const only = { start: fixed[0], end: fixed[1], tokens, column: undefined };
      nodes.push({ node, fixed, choices: [only], mostTokens: tokens });
      continue;
    }
    const { capacity } = machineOf(cluster, node);
    const most = mostLayers(cluster, node);
    const choices: IntervalChoice[] = [];
    for (let start = 0; start < layers; start++) {
      for (let end = start + 1; end <= Math.min(layers, start + most); end++) {
        if (!keep(node, start, end) || !holdsLayers(capacity, [start, end])) continue;
        const tokens = Math.min(rateOfLayers(capacity, [start, end]), upperBound);
        const column = builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true });
        choices.push({ start, end, tokens, column });
      }
    }
    if (choices.length === 0) continue;
    const columns = choices.map(({ column }) => column!);
    addAffineRow(builder, sumColumns(columns), -Infinity, 1);
    const mostTokens = largest(choices.map(({ tokens }) => tokens));
    nodes.push({ node, fixed: undefined, choices, mostTokens });
  }
  return nodes;
}
