import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder, type ModelBuilder } from "../../math/lp/model-builder.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import {
  addAffineRow,
  affineColumn,
  affineConstant,
  combine,
  sumColumns,
  type Affine,
} from "./node-affine.js";
import { addIntervalFlows } from "./node-interval-flows.js";
import {
  addIntervalVariables,
  type IntervalChoice,
  type IntervalNode,
  type KeepInterval,
} from "./node-interval-variables.js";
import type { PlanningProblem } from "../problem/problem.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";

/** The same problem as the node model, one binary per interval instead of start and size. */
export interface IntervalModel {
  readonly model: LinearModel;
  readonly problem: PlanningProblem;
  readonly nodes: readonly IntervalNode[];
}

/**
 * The interval-indexed model: many more columns than the node model (O(L·K) per free node, O(L) per
 * pair of free nodes), but a far tighter relaxation, since no link needs a big M. Meant for
 * neighbourhoods of few free nodes. maxDepth and chainsOnly are not in it: a solution may break them.
 * Its optimum is an upper bound on the judge's (equal but for the NIC rule in addIntervalFlows).
 */
export function buildIntervalModel(
  problem: PlanningProblem,
  upperBound = Infinity,
  keep: KeepInterval = () => true,
): IntervalModel {
  const builder = createModelBuilder("maximize");
  const nodes = addIntervalVariables(builder, problem, upperBound, keep);
  const sent = sumColumns(addIntervalFlows(builder, problem, nodes, upperBound));
  const { layers } = problem.cluster.model;
  if (upperBound < Infinity) addAffineRow(builder, sent, -Infinity, upperBound);
  for (let layer = 0; layer < layers; layer++) {
    const holding = ({ start, end }: IntervalChoice): boolean => start <= layer && layer < end;
    const computed = combineChoices(nodes, holding, ({ tokens }) => tokens);
    addAffineRow(builder, combine([1, sent], [-1, computed]), -Infinity, 0);
    const most = problem.constraints.maxNodesPerStage;
    if (most === undefined) continue;
    addAffineRow(
      builder,
      combineChoices(nodes, holding, () => 1),
      -Infinity,
      most,
    );
  }
  const work = combineChoices(
    nodes,
    () => true,
    ({ start, end, tokens }) => (end - start) * tokens,
  );
  addAffineRow(builder, combine([layers, sent], [-1, work]), -Infinity, 0);
  addCardRows(builder, problem, nodes);
  addOrderRows(builder, problem, nodes);
  return { model: builder.build(), problem, nodes };
}

/** The placement in a solution's columns. */
export function readIntervalPlacement(
  { nodes, problem }: IntervalModel,
  columns: Float64Array,
): Placement {
  const placement: (LayerInterval | null)[] = problem.cluster.nodes.map(() => null);
  for (const { node, fixed, choices } of nodes) {
    const chosen = choices.find(({ column }) => column !== undefined && columns[column]! > 0.5);
    if (fixed !== undefined) placement[node] = fixed;
    else if (chosen !== undefined) placement[node] = [chosen.start, chosen.end];
  }
  return placement;
}

/** Σ over all nodes' matching choices of weight · x, fixed nodes as constants. */
function combineChoices(
  nodes: readonly IntervalNode[],
  matches: (choice: IntervalChoice) => boolean,
  weight: (choice: IntervalChoice) => number,
): Affine {
  return combine(
    ...nodes.flatMap(({ choices }) =>
      choices
        .filter(matches)
        .map((choice): readonly [number, Affine] => [
          weight(choice),
          choice.column === undefined ? affineConstant(1) : affineColumn(choice.column),
        ]),
    ),
  );
}

/** Of parts that have a card in common, at most one holds layers. None have where cards are shared out. */
function addCardRows(
  builder: ModelBuilder,
  { cluster }: PlanningProblem,
  nodes: readonly IntervalNode[],
): void {
  const onCard = new Map<string, IntervalNode[]>();
  for (const each of nodes) {
    const { part } = cluster.nodes[each.node]!;
    for (let card = 0; card < (part?.count ?? 0); card++) {
      const key = `${part!.host} ${part!.first + card}`;
      onCard.set(key, [...(onCard.get(key) ?? []), each]);
    }
  }
  const rows = new Map(
    [...onCard.values()].map((own) => [own.map(({ node }) => node).join(), own]),
  );
  for (const own of rows.values()) {
    if (own.length < 2) continue;
    const holding = combineChoices(
      own,
      () => true,
      () => 1,
    );
    addAffineRow(builder, holding, -Infinity, 1);
  }
}

/** Σ s·x ≤ Σ s·x of the next identical node; empty counts as s = L. */
function addOrderRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly IntervalNode[],
): void {
  const { layers } = problem.cluster.model;
  const byNode = new Map(nodes.map((node) => [node.node, node]));
  const position = ({ choices }: IntervalNode): Affine => ({
    constant: layers,
    columns: choices.map(({ column }) => column!),
    coefficients: choices.map(({ start }) => start - layers),
  });
  for (const group of findIdenticalNodes(problem)) {
    for (let k = 1; k < group.length; k++) {
      const [before, after] = [byNode.get(group[k - 1]!), byNode.get(group[k]!)];
      if (before === undefined || after === undefined) continue;
      addAffineRow(builder, combine([1, position(before)], [-1, position(after)]), -Infinity, 0);
    }
  }
}
