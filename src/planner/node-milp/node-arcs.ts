import { COORDINATOR, linkBetween } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import { affineColumn, addAffineRow, combine } from "./node-affine.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { NodeModelOptions } from "./node-model-options.js";
import type { NodeVariables } from "./node-variables.js";

/** The paper's big M is the link's capacity; beyond this multiple of a flow solvers lose the flow in it. */
const PAPER_EXCESS = 1e4;

/** A link that some choice of intervals makes legal. `COORDINATOR` stands for source and sink. */
export interface NodeArc {
  readonly from: number;
  readonly to: number;
  /** Column of f_ij, tokens/s. */
  readonly flow: number;
  /** Column of d_ij; undefined where the link is legal whatever is chosen and nothing counts links. */
  readonly use: number | undefined;
}

/**
 * f_ij ≥ 0 and d_ij with f_ij ≤ cap_ij · d_ij for every link that can be legal; the objective is
 * what leaves the coordinator. In the tightened model cap_ij is no more than either end can compute
 * or the bound lets through.
 */
export function addArcs(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  options: NodeModelOptions,
): readonly NodeArc[] {
  const { cluster, constraints } = problem;
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const present = nodes.filter((node) => node !== undefined);
  const arcs: NodeArc[] = [];
  const chains = constraints.chainsOnly === true;
  const counted = chains || constraints.maxDepth !== undefined;

  const add = (from: number, to: number, limit: number, bytes: number, sure: boolean): void => {
    const link = linkBetween(cluster, from, to);
    if (link === undefined) return;
    const wide = link.bandwidthBytesPerSecond / bytes;
    const most = Math.min(limit, options.upperBound ?? Infinity);
    const cap =
      options.tightened || wide === Infinity
        ? Math.min(wide, most)
        : Math.min(wide, PAPER_EXCESS * limit);
    const flow = builder.addColumn({
      lower: 0,
      upper: cap,
      cost: from === COORDINATOR ? 1 : 0,
    });
    if (sure) {
      arcs.push({ from, to, flow, use: undefined });
      return;
    }
    const use = builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true });
    const row = combine([1, affineColumn(flow)], [-cap, affineColumn(use)]);
    addAffineRow(builder, row, -Infinity, 0);
    arcs.push({ from, to, flow, use });
  };

  for (const node of present) {
    const fixed = node.free === undefined && !chains;
    if (node.startRange[0] === 0) add(COORDINATOR, node.node, node.mostTokens, tokenBytes, fixed);
    if (node.endRange[1] === layers)
      add(node.node, COORDINATOR, node.mostTokens, tokenBytes, fixed);
  }
  for (const tail of present) {
    for (const head of present) {
      if (tail === head || !canBeLegal(tail, head, usesPartialLinks(problem))) continue;
      const fixed = tail.free === undefined && head.free === undefined && !counted;
      const limit = Math.min(tail.mostTokens, head.mostTokens);
      add(tail.node, head.node, limit, activationBytes, fixed);
    }
  }
  return arcs;
}

/** Whether e_i = s_j (or with partial links s_j ≤ e_i < e_j) for some choice within the ranges. */
function canBeLegal(tail: NodeVariables, head: NodeVariables, partial: boolean): boolean {
  const reached = head.startRange[0] <= tail.endRange[1];
  if (!partial) return reached && tail.endRange[0] <= head.startRange[1];
  return reached && tail.endRange[0] < head.endRange[1];
}
