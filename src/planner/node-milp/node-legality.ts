import { COORDINATOR } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import {
  addAffineRow,
  addImplication,
  affineColumn,
  affineConstant,
  combine,
  type Affine,
} from "./node-affine.js";
import type { NodeArc } from "./node-arcs.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { NodeVariables } from "./node-variables.js";

/** The two extra binaries of a partial link in the paper's form: c1 (s_j ≤ e_i) and c2 (e_i < e_j). */
export interface PartialBinaries {
  readonly arc: NodeArc;
  readonly startsBefore: number;
  readonly endsAfter: number;
}

/**
 * d_ij = 1 ⇒ the link is legal (method 2, rows 5–8): s_j = 0 from the source, e_i = L to the sink,
 * e_i = s_j between nodes, or with partial inference s_j ≤ e_i < e_j. The paper's form has M = L
 * (L + 1 for partial links); the tightened one has the least M that the ranges allow and puts d_ij
 * itself where the paper has c1 and c2.
 * @returns the extra binaries, none in the tightened form.
 */
export function addLegalityRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
  tightened: boolean,
): readonly PartialBinaries[] {
  const { layers } = problem.cluster.model;
  const partial = usesPartialLinks(problem);
  const binaries: PartialBinaries[] = [];
  for (const arc of arcs) {
    if (arc.use === undefined) continue;
    const tail = nodes[arc.from];
    const head = nodes[arc.to];
    const imply = (expression: Affine, least: number): void =>
      addImplication(builder, arc.use!, expression, tightened ? least : Math.max(least, layers));
    if (arc.from === COORDINATOR) imply(head!.start, head!.startRange[1]);
    else if (arc.to === COORDINATOR)
      imply(combine([1, affineConstant(layers)], [-1, tail!.end]), layers - startOf(tail!));
    else if (!partial) {
      imply(apart(head!, tail!), head!.startRange[1] - startOf(tail!));
      imply(combine([-1, apart(head!, tail!)]), tail!.endRange[1] - head!.startRange[0]);
    } else if (tightened) {
      imply(apart(head!, tail!), head!.startRange[1] - startOf(tail!));
      imply(notAfter(head!, tail!), tail!.endRange[1] + 1 - startOf(head!));
    } else binaries.push(addPartialRows(builder, arc, head!, tail!, layers));
  }
  return binaries;
}

/** (L+1)(1−c1) ≥ s_j − e_i; e_j − e_i ≥ 1 − (L+1)(1−c2); 2d ≤ c1 + c2. */
function addPartialRows(
  builder: ModelBuilder,
  arc: NodeArc,
  head: NodeVariables,
  tail: NodeVariables,
  layers: number,
): PartialBinaries {
  const binary = { lower: 0, upper: 1, cost: 0, integer: true };
  const startsBefore = builder.addColumn(binary);
  const endsAfter = builder.addColumn(binary);
  addImplication(builder, startsBefore, apart(head, tail), layers + 1);
  addImplication(builder, endsAfter, notAfter(head, tail), layers + 1);
  const both = combine(
    [2, affineColumn(arc.use!)],
    [-1, affineColumn(startsBefore)],
    [-1, affineColumn(endsAfter)],
  );
  addAffineRow(builder, both, -Infinity, 0);
  return { arc, startsBefore, endsAfter };
}

/** s_j − e_i. */
function apart(head: NodeVariables, tail: NodeVariables): Affine {
  return combine([1, head.start], [-1, tail.end]);
}

/** e_i + 1 − e_j. */
function notAfter(head: NodeVariables, tail: NodeVariables): Affine {
  return combine([1, tail.end], [-1, head.end], [1, affineConstant(1)]);
}

/** The least value of a node's e_i expression: an empty node has e_i = s_i. */
function startOf(node: NodeVariables): number {
  return node.free === undefined ? node.endRange[0] : node.startRange[0];
}
