import { BugError } from "../../core/errors.js";
import { checkNetwork } from "./check-network.js";
import { findMaximumPreflow } from "./maximum-preflow.js";
import { netInflow } from "./net-inflow.js";
import type { FlowNetwork, MaxFlow } from "./network.js";
import { buildResidualGraph, clearFlow, readFlow } from "./residual-graph.js";
import { restoreFlow } from "./restore-flow.js";
import { refuseUnboundedPath } from "./unbounded-path.js";

/** A flow this close to the capacity of a cut, relatively, needs no further round. */
const ROUND_TOLERANCE = 1e-12;
/** What the last round must attain, else it is a bug. */
const LAST_TOLERANCE = 1e-9;
const MAX_ROUNDS = 4;

/**
 * Maximum flow by highest-label push-relabel with gaps and global relabelling (Goldberg and Tarjan
 * 1988; Cherkassky and Goldberg 1995), O(n²√m). The flow is acyclic and conserved up to rounding of
 * each vertex's own traffic.
 *
 * A preflow floods vertices with whatever the source's arcs carry, and a small excess beside a flood
 * loses digits. So capacities are first cut to a bound on the value; each round yields a cut, and if
 * the flow fell short of that cut the next round starts with capacities cut to it.
 * @throws InputError (`input-invalid`) for a broken network or an infinite-capacity source–sink path.
 */
export function solveByPushRelabel(network: FlowNetwork): MaxFlow {
  checkNetwork(network);
  refuseUnboundedPath(network);
  const { source, sink, capacity } = network;
  const graph = buildResidualGraph(network);
  let bound = simpleBound(network);
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const limited = capacity.map((c) => Math.min(c, bound));
    clearFlow(graph, limited);
    const sinkSide = findMaximumPreflow(graph, source, sink);
    restoreFlow(graph, source, sink);
    const flow = readFlow(graph, limited);
    const value = netInflow(network, flow, sink);
    const cut = capacityInto(network, limited, sinkSide);
    const tolerance = round < MAX_ROUNDS ? ROUND_TOLERANCE : LAST_TOLERANCE;
    if (cut - value <= tolerance * cut) return { value, flow };
    bound = Math.min(bound, cut);
  }
  throw new BugError("push-relabel: the flow stays below the cut it found");
}

/** A finite bound on the maximum flow of a network without a path of infinite capacity. */
function simpleBound(network: FlowNetwork): number {
  const { source, sink, tail, head, capacity } = network;
  let out = 0;
  let into = 0;
  let finite = 0;
  for (let a = 0; a < capacity.length; a++) {
    const c = capacity[a]!;
    if (tail[a] === source) out += c;
    if (head[a] === sink) into += c;
    if (c < Infinity) finite += c;
  }
  // The vertices reached over infinite arcs are left over finite ones only.
  return Math.min(out, into, finite);
}

function capacityInto(network: FlowNetwork, capacity: Float64Array, sinkSide: Uint8Array): number {
  const { tail, head } = network;
  let total = 0;
  for (let a = 0; a < capacity.length; a++) {
    if (sinkSide[head[a]!] === 1 && sinkSide[tail[a]!] === 0) total += capacity[a]!;
  }
  return total;
}
