import { COORDINATOR, machineOf } from "../../core/cluster.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";
import { addAffineRow, affineColumn, affineConstant, combine, sumColumns } from "./node-affine.js";
import type { NodeArc } from "./node-arcs.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { NodeVariables } from "./node-variables.js";

/** The flow columns at one node, by the other end. */
interface Incidence {
  readonly fromCoordinator: readonly number[];
  readonly fromNodes: readonly number[];
  readonly toCoordinator: readonly number[];
  readonly toNodes: readonly number[];
}

/** inflow = outflow, and inflow ≤ Σ_k T(k) b_ik (method 2, rows 3 and 4), for every node. */
export function addNodeFlowRows(
  builder: ModelBuilder,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
): void {
  for (const node of nodes) {
    if (node === undefined) continue;
    const at = incidenceOf(node.node, arcs);
    const inflow = sumColumns([...at.fromCoordinator, ...at.fromNodes]);
    const outflow = sumColumns([...at.toCoordinator, ...at.toNodes]);
    addAffineRow(builder, combine([1, inflow], [-1, outflow]), 0, 0);
    addAffineRow(builder, combine([1, inflow], [-1, node.capacity]), -Infinity, 0);
  }
}

/** Columns r_j of the nodes whose inbound NIC is charged by what may come in. */
export interface NicMode {
  readonly node: number;
  /** 1 where a link from another node into j is legal, so that all it receives counts as activations. */
  readonly receivesActivations: number;
}

/**
 * NICs, charged as the placement's network does (network/placement-network.ts): a node with any
 * legal in-link from another node receives activations only, else token ids; likewise outwards.
 * A node that sends to the sink has e_i = L and no other legal out-link; without partial inference
 * a node that receives from the source has s_j = 0 and no other legal in-link. So two rows per
 * direction are exact but for one case: with partial inference a node at layer 0 may receive from
 * both. There r_j says whether any such link is legal: r_j = 0 and s_j = 0 ⇒ e_i ≥ e_j for every i
 * that holds layers and has a link to j. (Needs tokenBytes ≤ activationBytes; otherwise that one
 * case is charged the lesser of both: a relaxation.)
 */
export function addNicRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  nodes: readonly (NodeVariables | undefined)[],
  arcs: readonly NodeArc[],
): readonly NicMode[] {
  const { cluster } = problem;
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const modes: NicMode[] = [];
  for (const node of nodes) {
    if (node === undefined) continue;
    const nic = machineOf(cluster, node.node).nicBytesPerSecond;
    const asActivations = nic / activationBytes;
    const asTokens = nic / tokenBytes;
    const at = incidenceOf(node.node, arcs);
    const limit = (columns: readonly number[], most: number): void => {
      if (columns.length > 0 && most < node.mostTokens)
        addAffineRow(builder, sumColumns(columns), -Infinity, most);
    };
    limit(at.fromNodes, asActivations);
    limit(at.toNodes, asActivations);
    limit(at.toCoordinator, asTokens);
    const mixed = usesPartialLinks(problem) && asActivations < node.mostTokens;
    if (!mixed || at.fromCoordinator.length === 0 || at.fromNodes.length === 0) {
      limit(at.fromCoordinator, asTokens);
      continue;
    }
    const most = Math.min(asTokens, node.mostTokens);
    if (most <= asActivations) {
      limit(at.fromCoordinator, asActivations);
      continue;
    }
    const mode = builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true });
    modes.push({ node: node.node, receivesActivations: mode });
    const inflow = sumColumns([...at.fromCoordinator, ...at.fromNodes]);
    const charged = combine([1, inflow], [most - asActivations, affineColumn(mode)]);
    addAffineRow(builder, charged, -Infinity, most);
    for (const arc of arcs) {
      if (arc.to !== node.node || arc.from === COORDINATOR) continue;
      const tail = nodes[arc.from]!;
      // e_j − e_i ≤ L·r_j + L·s_j + L·(1 − held_i)
      const expression = combine(
        [1, node.end],
        [-1, tail.end],
        [-layers, affineColumn(mode)],
        [-layers, node.start],
        [layers, tail.held],
        [-layers, affineConstant(1)],
      );
      addAffineRow(builder, expression, -Infinity, 0);
    }
  }
  return modes;
}

/** The coordinator's own NIC, both ways, where it can bind. */
export function addCoordinatorRows(
  builder: ModelBuilder,
  problem: PlanningProblem,
  arcs: readonly NodeArc[],
): void {
  const { cluster } = problem;
  const most = cluster.coordinator.nicBytesPerSecond / cluster.model.tokenBytes;
  if (most === Infinity) return;
  const sent = arcs.filter(({ from }) => from === COORDINATOR).map(({ flow }) => flow);
  const received = arcs.filter(({ to }) => to === COORDINATOR).map(({ flow }) => flow);
  addAffineRow(builder, sumColumns(sent), -Infinity, most);
  addAffineRow(builder, sumColumns(received), -Infinity, most);
}

function incidenceOf(node: number, arcs: readonly NodeArc[]): Incidence {
  const pick = (matches: (arc: NodeArc) => boolean): number[] =>
    arcs.filter(matches).map(({ flow }) => flow);
  return {
    fromCoordinator: pick(({ from, to }) => to === node && from === COORDINATOR),
    fromNodes: pick(({ from, to }) => to === node && from !== COORDINATOR),
    toCoordinator: pick(({ from, to }) => from === node && to === COORDINATOR),
    toNodes: pick(({ from, to }) => from === node && to !== COORDINATOR),
  };
}
