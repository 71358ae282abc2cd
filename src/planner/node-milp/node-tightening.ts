import { COORDINATOR, machineOf } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import { addAffineRow, affineConstant, combine, sumColumns, type Affine } from "./node-affine.js";
import type { NodeArc } from "./node-arcs.js";
import type { PlanningProblem } from "../problem/problem.js";
import { capacityOf } from "../problem/node-capacity.js";
import type { NodeModelOptions } from "./node-model-options.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";
import type { NodeVariables } from "./node-variables.js";

/** Rows that change no optimum and shrink the relaxation or the tree. */
export function addTighteningRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
  options: NodeModelOptions,
): void {
  if (!options.tightened) return;
  addWorkRow(builder, problem, nodes, arcs, options.upperBound ?? Infinity);
  addOneWayRows(builder, arcs);
  addOrderRows(builder, problem, nodes);
}

/**
 * Every token is worked on L times, once per layer, so L·F ≤ Σ_i Σ_k k·min(T_i(k), U)·b_ik
 * (method 3 (b) as a row), and F ≤ U itself.
 */
function addWorkRow(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
  upperBound: number,
): void {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const sent = arcs.filter(({ from }) => from === COORDINATOR).map(({ flow }) => flow);
  if (sent.length === 0) return;
  const throughput = sumColumns(sent);
  const work: (readonly [number, Affine])[] = [];
  for (const node of nodes) {
    if (node === undefined) continue;
    const { tokensPerSecond } = machineOf(cluster, node.node).capacity;
    if (node.free === undefined) {
      const pin = constraints.pins.get(node.node)!;
      const tokens = Math.min(capacityOf(cluster, node.node, pin), upperBound);
      work.push([1, affineConstant((pin[1] - pin[0]) * tokens)]);
      continue;
    }
    const { hold } = node.free;
    const coefficients = hold.map((_, k) => (k + 1) * Math.min(tokensPerSecond[k]!, upperBound));
    work.push([1, { constant: 0, columns: hold, coefficients }]);
  }
  addAffineRow(builder, combine([layers, throughput], [-1, combine(...work)]), -Infinity, 0);
  if (upperBound < Infinity) addAffineRow(builder, throughput, -Infinity, upperBound);
}

/** d_ij + d_ji ≤ 1: e grows along every legal link. */
function addOneWayRows(builder: ModelBuilder, arcs: readonly NodeArc[]): void {
  const useOf = new Map(arcs.map(({ from, to, use }) => [`${from}>${to}`, use]));
  for (const { from, to, use } of arcs) {
    const back = useOf.get(`${to}>${from}`);
    if (from === COORDINATOR || to === COORDINATOR || from > to) continue;
    if (use !== undefined && back !== undefined)
      addAffineRow(builder, sumColumns([use, back]), -Infinity, 1);
  }
}

/** s_i ≤ s_j for the next identical node j; an empty node's s is free, so it finds its place. */
function addOrderRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
): void {
  for (const group of findIdenticalNodes(problem)) {
    for (let k = 1; k < group.length; k++) {
      const [before, after] = [nodes[group[k - 1]!], nodes[group[k]!]];
      if (before === undefined || after === undefined) continue;
      addAffineRow(builder, combine([1, before.start], [-1, after.start]), -Infinity, 0);
    }
  }
}
