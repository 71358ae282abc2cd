import { BugError } from "../../core/errors.js";
import type { FlowNetwork } from "./network.js";
import {
  buildResidualGraph,
  readFlow,
  setFlow,
  subtractAmount,
  type ResidualGraph,
} from "./residual-graph.js";
import { restoreFlow } from "./restore-flow.js";
import { ARTIFICIAL, growTree, moveSubtree, type SpanningTree } from "./spanning-tree.js";

/** A flow of the value it started from, with the potentials that prove it cheapest if it is. */
export interface CheapestFlow {
  readonly flow: Float64Array;
  /**
   * Per vertex, in the unit of the costs. When `finished`, no arc with room has a reduced cost
   * (cost + potential of its tail − potential of its head) below zero, and none with flow above.
   */
  readonly potential: Float64Array;
  /** False when the work ran out first: still a flow of the same value, but perhaps not the cheapest. */
  readonly finished: boolean;
}

/** Reduced costs below this share of the largest cost count as none. */
const COST_SHARE = 1e-9;
/** Arcs looked at plus vertices touched: one to two seconds. */
export const WORK_LIMIT = 1e8;

/**
 * The cheapest flow of the same value: pivots of the network simplex from the flow given. An arc with
 * a negative reduced cost closes a cycle with the tree, the cycle takes as much as it can, and of the
 * arcs that then are full or empty the last one in the direction of the cycle leaves the tree. That
 * keeps the tree strongly feasible, so but for rounding no tree comes back (Cunningham 1976); pricing
 * by blocks (Grigoriadis 1986). Every pivot moves flow around a cycle only, so whenever it stops the value is
 * untouched and the capacities are kept. Ties keep the flow they have: only what saves something moves.
 *
 * A pivot costs O(√m) or more for pricing and O(part of the tree moved). Their number is exponential
 * at worst, so after `workLimit` it stops where it is.
 * @param flow conserved at every vertex but source and sink, within the capacities.
 * @param cost per unit of flow, finite, ≥ 0. Length m.
 */
export function findCheapestFlow(
  network: FlowNetwork,
  flow: Float64Array,
  cost: Float64Array,
  workLimit: number = WORK_LIMIT,
): CheapestFlow {
  const { tail, head, capacity, source, sink, vertexCount } = network;
  const arcCount = tail.length;
  const graph = buildResidualGraph(network);
  setFlow(graph, capacity, flow);
  const { slotOf, partner, residual } = graph;
  const slotCost = new Float64Array(2 * arcCount);
  let largest = 0;
  for (let a = 0; a < arcCount; a++) {
    slotCost[slotOf[a]!] = cost[a]!;
    slotCost[partner[slotOf[a]!]!] = -cost[a]!;
    largest = Math.max(largest, cost[a]!);
  }
  const tolerance = COST_SHARE * largest;
  const tree = growTree(graph, slotCost);
  const { potential } = tree;
  const stack = new Int32Array(vertexCount);
  const block = Math.max(32, Math.ceil(Math.sqrt(arcCount)));
  let work = 0;
  let unchanged = 0; // arcs in a row that no pivot was made for
  let best = tolerance;
  let entering = -1;
  let priced = 0;
  for (let a = 0; unchanged < arcCount && work < workLimit; a = a + 1 === arcCount ? 0 : a + 1) {
    const reduced = cost[a]! + potential[tail[a]!]! - potential[head[a]!]!;
    if (reduced < -best || reduced > best) {
      const slot = reduced < 0 ? slotOf[a]! : partner[slotOf[a]!]!;
      if (residual[slot]! > 0) {
        best = Math.abs(reduced);
        entering = slot;
      }
    }
    unchanged++;
    if (++priced < block && unchanged < arcCount) continue;
    work += priced;
    priced = 0;
    if (entering < 0) continue;
    work += pivot(graph, tree, entering, best, stack);
    unchanged = 0;
    best = tolerance;
    entering = -1;
  }
  restoreFlow(graph, source, sink);
  return {
    flow: readFlow(graph, capacity),
    potential: potential.slice(0, vertexCount),
    finished: unchanged >= arcCount,
  };
}

/**
 * Fills the cycle that the slot closes with the tree, and takes it into the tree in place of the arc
 * that blocks.
 * @param saving minus the reduced cost of the slot, > 0.
 * @returns the number of vertices touched.
 */
function pivot(
  graph: ResidualGraph,
  tree: SpanningTree,
  entering: number,
  saving: number,
  stack: Int32Array,
): number {
  const { target, partner, residual } = graph;
  const { parent, up, depth } = tree;
  const from = target[partner[entering]!]!;
  const to = target[entering]!;
  let amount = residual[entering]!;
  let length = 1;
  let v = from;
  let w = to;
  // The cycle runs from the apex down to `from`, over the slot to `to`, and up to the apex.
  while (v !== w) {
    length++;
    if (depth[v]! >= depth[w]!) {
      amount = Math.min(amount, up[v] === ARTIFICIAL ? 0 : residual[partner[up[v]!]!]!);
      v = parent[v]!;
    } else {
      if (up[w] !== ARTIFICIAL) amount = Math.min(amount, residual[up[w]!]!);
      w = parent[w]!;
    }
  }
  if (amount === Infinity) throw new BugError("cheapest flow: an endless cycle of negative cost");
  const apex = v;
  /** The vertex right below the blocking edge; −1: the slot itself blocks. */
  let cut = -1;
  let inTail = false;
  let blocked = false;
  for (v = from; v !== apex; v = parent[v]!) {
    const full = up[v] === ARTIFICIAL || push(graph, partner[up[v]!]!, amount);
    if (full && !blocked) {
      blocked = true;
      inTail = true;
      cut = v;
    }
  }
  if (push(graph, entering, amount)) {
    cut = -1;
    inTail = false;
  }
  for (w = to; w !== apex; w = parent[w]!) {
    if (up[w] === ARTIFICIAL || !push(graph, up[w]!, amount)) continue;
    cut = w;
    inTail = false;
  }
  if (cut < 0) return length;
  const moved = inTail
    ? moveSubtree(tree, cut, from, to, entering, partner, saving, stack)
    : moveSubtree(tree, cut, to, from, partner[entering]!, partner, -saving, stack);
  return length + moved;
}

/** Sends the amount along the slot; returns whether the slot is full then. */
function push({ residual, partner }: ResidualGraph, slot: number, amount: number): boolean {
  const rest = subtractAmount(residual[slot]!, amount);
  residual[slot] = rest;
  if (amount > 0) residual[partner[slot]!]! += amount;
  return rest === 0;
}
