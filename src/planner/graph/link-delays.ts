import { COORDINATOR, hostOf, linkBetween, nicOf, type Cluster } from "../../core/cluster.js";
import type { MarginalCost } from "../../math/flow/stepped-cost.js";
import type { PlacementNetwork } from "./placement-network.js";

/**
 * Delays below this, in seconds, count as nothing: beside the wait for a batch (about 0.1 s a visit)
 * they are lost, and flow moved to save them takes KV caches out of use or to slower machines.
 */
const UNFELT_SECONDS = 0.02;

/**
 * Seconds that one more token/s on a link adds to what all tokens spend on links: latency, its own
 * transfer, and the wait behind prompts. A token finds the link busy with a prompt as often as the
 * link is used and then waits for half of it; the sum of these waits over the flow is
 * flow · share · ½ prompt, so the margin is share · the transfer of one prompt. Other arcs: 0.
 */
export function linkDelays(cluster: Cluster, graph: PlacementNetwork): MarginalCost {
  const { model, workload } = cluster;
  const { kinds, from, to, network } = graph;
  const empty = new Float64Array(kinds.length);
  kinds.forEach((kind, arc) => {
    const link = kind === "link" ? linkBetween(cluster, from[arc]!, to[arc]!) : undefined;
    if (link === undefined) return;
    const inner = from[arc] !== COORDINATOR && to[arc] !== COORDINATOR;
    const bytes = inner ? model.activationBytes : model.tokenBytes;
    const host = hostOf(cluster, from[arc]!);
    const within = host >= 0 && host === hostOf(cluster, to[arc]!);
    const nic = within ? Infinity : Math.min(nicOf(cluster, from[arc]!), nicOf(cluster, to[arc]!));
    const rate = Math.min(link.bandwidthBytesPerSecond, nic);
    empty[arc] = link.latencySeconds + bytes / rate;
  });
  return (arc, share) => {
    if (kinds[arc] !== "link") return 0;
    const wait = share === 0 ? 0 : share * (workload.promptTokens / network.capacity[arc]!);
    return Math.max(0, empty[arc]! + wait - UNFELT_SECONDS);
  };
}
