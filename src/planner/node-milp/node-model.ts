import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { addArcs, type NodeArc } from "./node-arcs.js";
import {
  addChainRows,
  addDepthRows,
  addStageSizeRows,
  type CoverColumns,
  type DepthColumns,
} from "./node-constraint-rows.js";
import { addCoordinatorRows, addNicRows, addNodeFlowRows, type NicMode } from "./node-flow-rows.js";
import { addLegalityRows, type PartialBinaries } from "./node-legality.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { NodeModelOptions } from "./node-model-options.js";
import { addTighteningRows } from "./node-tightening.js";
import { addNodeVariables, type NodeVariables } from "./node-variables.js";

/** The exact model of a problem, with the meaning of its columns. */
export interface NodeModel {
  readonly model: LinearModel;
  readonly problem: PlanningProblem;
  readonly options: NodeModelOptions;
  /** Per node; undefined for empty ones. */
  readonly nodes: readonly (NodeVariables | undefined)[];
  readonly arcs: readonly NodeArc[];
  readonly partialBinaries: readonly PartialBinaries[];
  readonly nicModes: readonly NicMode[];
  readonly depths: DepthColumns | undefined;
  readonly covers: readonly CoverColumns[];
}

/**
 * The exact mixed-integer model: its optimum is the largest max flow of any placement that keeps
 * the constraints (Helix, section 4.4; docs/formulation-milp.md). Pinned nodes are constants, not
 * binaries, so a neighbourhood with few free nodes is a small model. With n free nodes
 * O(n²) columns and rows.
 */
export function buildNodeModel(problem: PlanningProblem, options: NodeModelOptions): NodeModel {
  const builder = createModelBuilder("maximize");
  const nodes = addNodeVariables(builder, problem);
  const arcs = addArcs(builder, problem, nodes, options);
  const partialBinaries = addLegalityRows(builder, problem, nodes, arcs, options.tightened);
  addNodeFlowRows(builder, nodes, arcs);
  const nicModes = addNicRows(builder, problem, nodes, arcs);
  addCoordinatorRows(builder, problem, arcs);
  const depths = addDepthRows(builder, problem, nodes, arcs);
  addChainRows(builder, problem, nodes, arcs);
  const covers = addStageSizeRows(builder, problem, nodes);
  addTighteningRows(builder, problem, nodes, arcs, options);
  const model = builder.build();
  return { model, problem, options, nodes, arcs, partialBinaries, nicModes, depths, covers };
}

/** The placement in a solution's columns. */
export function readPlacement({ nodes }: NodeModel, columns: Float64Array): Placement {
  return nodes.map((node): LayerInterval | null => {
    if (node === undefined) return null;
    if (node.free === undefined) return [node.startRange[0], node.endRange[0]];
    const layers = node.free.hold.findIndex((column) => columns[column]! > 0.5) + 1;
    if (layers === 0) return null;
    const start = Math.round(columns[node.free.start]!);
    return [start, start + layers];
  });
}
