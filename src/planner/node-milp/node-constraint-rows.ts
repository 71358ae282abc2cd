import { COORDINATOR } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import {
  addAffineRow,
  affineColumn,
  affineConstant,
  combine,
  sumColumns,
  type Affine,
} from "./node-affine.js";
import type { NodeArc } from "./node-arcs.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { NodeVariables } from "./node-variables.js";

/** Column h_i ∈ [1, D]: the place of node i in the longest pipeline through it. Length: nodes. */
export type DepthColumns = readonly (number | undefined)[];

/** h_j ≥ h_i + 1 along every link in use, all within 1..maxDepth. */
export function addDepthRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
): DepthColumns | undefined {
  const { maxDepth } = problem.constraints;
  if (maxDepth === undefined) return undefined;
  const depth = nodes.map((node) =>
    node === undefined ? undefined : builder.addColumn({ lower: 1, upper: maxDepth, cost: 0 }),
  );
  for (const { from, to, use } of arcs) {
    if (use === undefined || from === COORDINATOR || to === COORDINATOR) continue;
    const step = combine(
      [1, affineColumn(depth[from]!)],
      [-1, affineColumn(depth[to]!)],
      [maxDepth, affineColumn(use)],
    );
    addAffineRow(builder, step, -Infinity, maxDepth - 1);
  }
  return depth;
}

/** Every node has at most one in-link and one out-link in use, the coordinator's included. */
export function addChainRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
): void {
  if (problem.constraints.chainsOnly !== true) return;
  for (const node of nodes) {
    if (node === undefined) continue;
    const ins = arcs.filter(({ to }) => to === node.node);
    const outs = arcs.filter(({ from }) => from === node.node);
    for (const side of [ins, outs])
      addAffineRow(builder, sumColumns(side.map(({ use }) => use!)), -Infinity, 1);
  }
}

/** Per free node: u_l = [s_i ≤ l] and v_l = [e_i > l] for every layer l. */
export interface CoverColumns {
  readonly node: number;
  readonly started: readonly number[];
  readonly unfinished: readonly number[];
}

/**
 * At most m nodes hold any one layer. With u_l = [s_i ≤ l], v_l = [e_i > l], both monotone in l,
 * s_i = L − Σ u_l and e_i = Σ v_l; node i holds layer l iff u_l + v_l − 1 = 1, and is 0 otherwise
 * (an empty node has e_i = s_i). 2·L binaries per free node, only where the constraint is set.
 */
export function addStageSizeRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
): readonly CoverColumns[] {
  const { maxNodesPerStage } = problem.constraints;
  if (maxNodesPerStage === undefined) return [];
  const { layers } = problem.cluster.model;
  const present = nodes.filter((node) => node !== undefined);
  const columns = present
    .filter((node) => node.free !== undefined)
    .map((node) => addCoverColumns(builder, node, layers));
  const byNode = new Map(columns.map((cover) => [cover.node, cover]));
  for (let layer = 0; layer < layers; layer++) {
    const holders = present.map((node): readonly [number, Affine] => {
      const cover = byNode.get(node.node);
      const fixed = node.startRange[0] <= layer && layer < node.endRange[1];
      if (cover === undefined) return [1, affineConstant(fixed ? 1 : 0)];
      const both = sumColumns([cover.started[layer]!, cover.unfinished[layer]!]);
      return [1, combine([1, both], [-1, affineConstant(1)])];
    });
    addAffineRow(builder, combine(...holders), -Infinity, maxNodesPerStage);
  }
  return columns;
}

function addCoverColumns(builder: ModelBuilder, node: NodeVariables, layers: number): CoverColumns {
  const steps = (): number[] =>
    Array.from({ length: layers }, () =>
      builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true }),
    );
  const started = steps();
  const unfinished = steps();
  const rising = combine([1, node.start], [1, sumColumns(started)]);
  addAffineRow(builder, rising, layers, layers);
  addAffineRow(builder, combine([1, node.end], [-1, sumColumns(unfinished)]), 0, 0);
  for (let layer = 1; layer < layers; layer++) {
    const pairs = [
      [started[layer]!, started[layer - 1]!],
      [unfinished[layer - 1]!, unfinished[layer]!],
    ] as const;
    for (const [more, less] of pairs)
      addAffineRow(
        builder,
        combine([1, affineColumn(less)], [-1, affineColumn(more)]),
        -Infinity,
        0,
      );
  }
  return { node: node.node, started, unfinished };
}
