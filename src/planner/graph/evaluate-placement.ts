import type { Cluster } from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import { checkFlow, checkMaximality } from "../../math/flow/certificate.js";
import type { MaxFlow } from "../../math/flow/network.js";
import { solveByPushRelabel } from "../../math/flow/push-relabel.js";
import { cheapenMaxFlow } from "../../math/flow/stepped-cost.js";
import type { Placement } from "../../core/placement.js";
import type { HubNetwork } from "./hub-network.js";
import { linkDelays } from "./link-delays.js";
import {
  buildPlacementNetwork,
  type NetworkOptions,
  type PlacementNetwork,
} from "./placement-network.js";
import { spreadHubFlow } from "./spread-hub-flow.js";

/** Flow on one physical link. Tokens/s; `from`/`to` are node indices or `COORDINATOR`. */
export interface LinkFlow {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  readonly flow: number;
}

/** What a placement carries: a certified maximum flow, by arc, node and link. */
export interface Evaluation {
  /** Tokens/s through the cluster. */
  readonly throughput: number;
  readonly graph: PlacementNetwork;
  readonly maxFlow: MaxFlow;
  /** Compute capacity T(k) and flow by node, in the cluster's order (0 for empty nodes). */
  readonly nodeCapacity: Float64Array;
  readonly nodeFlow: Float64Array;
  /** Legal links, in the order of the graph's arcs. */
  readonly links: readonly LinkFlow[];
}

/**
 * Maximum flow of a placement, among the maximum flows the one that spends least time on links
 * (`linkDelays`), with its certificates checked (conservation, capacities, a cut of equal value).
 * O(V²√E) worst case, near linear in practice, plus a bounded search for the least time. For the
 * value alone `measureThroughput` is quicker.
 * @throws BugError if a certificate fails.
 */
export function evaluatePlacement(
  cluster: Cluster,
  placement: Placement,
  options: NetworkOptions,
): Evaluation {
  return evaluateNetwork(cluster, placement, buildPlacementNetwork(cluster, placement, options));
}

/** The same for a network that is already built, possibly without some of its legal links. */
export function evaluateNetwork(
  cluster: Cluster,
  placement: Placement,
  graph: PlacementNetwork,
): Evaluation {
  const maxFlow = cheapenMaxFlow(
    graph.network,
    solveByPushRelabel(graph.network),
    linkDelays(cluster, graph),
  );
  const verdict = checkMaximality(graph.network, maxFlow);
  if (verdict.kind !== "proven") throw new BugError("max flow: no cut of equal value");
  return readFlow(placement.length, graph, maxFlow);
}

/** The maximum flow that push-relabel happens to find: of the same value, over other links where several are maximum. */
export function evaluateAnyFlow(placement: Placement, graph: PlacementNetwork): Evaluation {
  return readFlow(placement.length, graph, solveByPushRelabel(graph.network));
}

/**
 * What the flow says of nodes and links. That it is the largest is for the caller to know.
 * @throws BugError when it is no flow.
 */
function readFlow(nodes: number, graph: PlacementNetwork, maxFlow: MaxFlow): Evaluation {
  const violations = checkFlow(graph.network, maxFlow);
  if (violations.length > 0) {
    throw new BugError(`max flow: certificate fails: ${JSON.stringify(violations[0])}`);
  }
  const nodeCapacity = new Float64Array(nodes);
  const nodeFlow = new Float64Array(nodes);
  const links: LinkFlow[] = [];
  graph.kinds.forEach((kind, arc) => {
    const capacity = graph.network.capacity[arc]!;
    const flow = maxFlow.flow[arc]!;
    const from = graph.from[arc]!;
    if (kind === "link") links.push({ from, to: graph.to[arc]!, capacity, flow });
    if (kind === "compute") {
      nodeCapacity[from] = capacity;
      nodeFlow[from] = flow;
    }
  });
  return { throughput: maxFlow.value, graph, maxFlow, nodeCapacity, nodeFlow, links };
}

/** The maximum flow through hubs, certified there, and the same flow on links between nodes. */
export interface HubEvaluation {
  /** On the hub network: its cuts are those of the full one. */
  readonly cut: Evaluation;
  /** On the links that carry something. */
  readonly carried: Evaluation;
}

/** @throws BugError if a certificate fails. */
export function evaluateHubs(
  cluster: Cluster,
  placement: Placement,
  hubs: HubNetwork,
): HubEvaluation {
  const cut = evaluateNetwork(cluster, placement, hubs.graph);
  const { graph, flow } = spreadHubFlow(placement, hubs, cut.maxFlow.flow);
  const carried = readFlow(placement.length, graph, { value: cut.throughput, flow });
  return { cut, carried };
}
