import type { HubLink, HubNetwork } from "./hub-network.js";
import { createArcList, type PlacementNetwork } from "./placement-network.js";
import type { Placement } from "../../core/placement.js";

/**
 * A flow through hubs on links between nodes: what a sender gives its hub is handed to receivers one
 * after another (the north-west corner rule of transportation problems), so that k senders and l
 * receivers share at most k + l − 1 links. O(arcs).
 * @returns the placement's network with only the links between nodes that carry something, and the flow on it.
 */
export function spreadHubFlow(
  placement: Placement,
  { graph, firstHubArc, links }: HubNetwork,
  flow: Float64Array,
): { readonly graph: PlacementNetwork; readonly flow: Float64Array } {
  const arcs = createArcList(placement);
  const { tail, head, capacity } = graph.network;
  const amounts: number[] = [];
  for (let a = 0; a < firstHubArc; a++) {
    const [from, to] = [graph.from[a]!, graph.to[a]!];
    arcs.add(tail[a]!, head[a]!, capacity[a]!, graph.kinds[a]!, from, to);
    amounts.push(flow[a]!);
  }
  const left = flow.slice();
  const add = (from: number, to: number, width: number, amount: number): void => {
    arcs.addLink(from, to, width);
    amounts.push(amount);
  };
  for (const link of links) spreadLink(link, left, add);
  return { graph: arcs.build(), flow: Float64Array.from(amounts) };
}

/** Takes what the hubs' arc carries off the nodes' own arcs, pair by pair. `left` is used up. */
function spreadLink(
  { arc, from, to, capacity }: HubLink,
  left: Float64Array,
  add: (from: number, to: number, capacity: number, amount: number) => void,
): void {
  for (let i = 0, j = 0; left[arc]! > 0 && i < from.nodes.length && j < to.nodes.length;) {
    const [sent, received] = [from.arcs[i]!, to.arcs[j]!];
    const amount = Math.min(left[arc]!, left[sent]!, left[received]!);
    if (amount > 0) add(from.nodes[i]!, to.nodes[j]!, capacity, amount);
    for (const a of [arc, sent, received]) left[a]! -= amount;
    if (left[sent]! <= 0) i++;
    else if (left[received]! <= 0) j++;
  }
}
