import { COORDINATOR } from "../../core/cluster.js";
import { solveByDinic } from "../../math/flow/dinic.js";
import { buildPlacementNetwork } from "../graph/placement-network.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import type { NodeModel } from "./node-model.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";

/** Flow on a link below this, tokens/s, does not count as use of the link. */
const NO_FLOW = 1e-9;

/**
 * A full assignment of the model's columns for a placement that keeps its pins and drains: intervals,
 * links, a maximum flow. In a tightened model identical nodes are put in order first, so the columns
 * may stand for a permuted placement. Where the model limits depth or chains and the flow
 * breaks that limit, so does the assignment: solvers then ignore it as a start.
 * @returns undefined when a pin or drain is broken or a node holds more than it can.
 */
export function columnsFromPlacement(
  nodeModel: NodeModel,
  given: Placement,
): Float64Array | undefined {
  const { model, nodes, arcs, problem } = nodeModel;
  const { cluster } = problem;
  const layers = cluster.model.layers;
  const placement = nodeModel.options.tightened ? orderIdentical(problem, given) : given;
  const columns = new Float64Array(model.columnCount);

  for (let node = 0; node < nodes.length; node++) {
    const variables = nodes[node];
    const interval = placement[node] ?? null;
    if (variables === undefined || variables.free === undefined) {
      if (!keepsFixed(variables?.startRange[0], variables?.endRange[0], interval)) return undefined;
      continue;
    }
    const { start, hold } = variables.free;
    columns[start] = interval === null ? layers - 1 : interval[0];
    if (interval === null) continue;
    const column = hold[interval[1] - interval[0] - 1];
    if (column === undefined) return undefined;
    columns[column] = 1;
  }

  const flows = linkFlows(problem, placement);
  for (const { from, to, flow, use } of arcs) {
    const tokens = flows.get(`${from}>${to}`) ?? 0;
    if (tokens <= NO_FLOW) continue;
    columns[flow] = tokens;
    if (use !== undefined) columns[use] = 1;
  }
  for (const { arc, startsBefore, endsAfter } of nodeModel.partialBinaries) {
    const start = placedStart(nodeModel, columns, arc.to);
    const tailEnd = placement[arc.from]?.[1] ?? placedStart(nodeModel, columns, arc.from);
    columns[startsBefore] = start <= tailEnd ? 1 : 0;
    columns[endsAfter] = tailEnd < (placement[arc.to]?.[1] ?? start) ? 1 : 0;
  }
  fillNicModes(nodeModel, placement, columns);
  fillDepths(nodeModel, placement, columns);
  for (const { node, started, unfinished } of nodeModel.covers) {
    const start = placedStart(nodeModel, columns, node);
    const end = placement[node]?.[1] ?? start;
    for (let layer = 0; layer < layers; layer++) {
      columns[started[layer]!] = start <= layer ? 1 : 0;
      columns[unfinished[layer]!] = layer < end ? 1 : 0;
    }
  }
  return columns;
}

function keepsFixed(
  start: number | undefined,
  end: number | undefined,
  interval: LayerInterval | null,
): boolean {
  if (start === undefined) return interval === null;
  return interval !== null && interval[0] === start && interval[1] === end;
}

/** Puts the intervals of each group of identical nodes in the order that the model asks for. */
function orderIdentical(problem: PlanningProblem, placement: Placement): Placement {
  const ordered = [...placement];
  const last = problem.cluster.model.layers;
  for (const group of findIdenticalNodes(problem)) {
    const intervals = group
      .map((node) => placement[node] ?? null)
      .sort((a, b) => (a?.[0] ?? last) - (b?.[0] ?? last));
    group.forEach((node, k) => (ordered[node] = intervals[k]!));
  }
  return ordered;
}

function linkFlows(problem: PlanningProblem, placement: Placement): ReadonlyMap<string, number> {
  const partialInference = usesPartialLinks(problem);
  const built = buildPlacementNetwork(problem.cluster, placement, { partialInference });
  const { flow } = solveByDinic(built.network);
  const flows = new Map<string, number>();
  built.kinds.forEach((kind, arc) => {
    if (kind === "link") flows.set(`${built.from[arc]!}>${built.to[arc]!}`, flow[arc]!);
  });
  return flows;
}

function placedStart({ nodes }: NodeModel, columns: Float64Array, node: number): number {
  const variables = nodes[node]!;
  return variables.free === undefined ? variables.startRange[0] : columns[variables.free.start]!;
}

function fillNicModes(nodeModel: NodeModel, placement: Placement, columns: Float64Array): void {
  for (const { node, receivesActivations } of nodeModel.nicModes) {
    const interval = placement[node] ?? null;
    if (interval === null || interval[0] > 0) continue;
    const fed = nodeModel.arcs.some(({ from, to }) => {
      const tail = from === COORDINATOR ? null : (placement[from] ?? null);
      return to === node && tail !== null && tail[1] < interval[1];
    });
    columns[receivesActivations] = fed ? 1 : 0;
  }
}

/** h_i: stages on the longest path of links in use that ends at i. */
function fillDepths(nodeModel: NodeModel, placement: Placement, columns: Float64Array): void {
  const { depths, arcs } = nodeModel;
  if (depths === undefined) return;
  const used = arcs
    .filter(
      ({ from, to, use }) => from !== COORDINATOR && to !== COORDINATOR && columns[use!] === 1,
    )
    .sort((a, b) => placement[a.from]![1] - placement[b.from]![1]);
  for (const column of depths) if (column !== undefined) columns[column] = 1;
  for (const { from, to } of used)
    columns[depths[to]!] = Math.max(columns[depths[to]!]!, columns[depths[from]!]! + 1);
}
