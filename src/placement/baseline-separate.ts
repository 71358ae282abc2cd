import { machineOf, type Cluster } from "../cluster/cluster.js";
import { fastestChain, type Chain } from "./baseline-chain.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "./placement.js";

export interface SeparateOptions {
  /** What keeps nodes apart: their machine type, or their region. */
  readonly by: "type" | "region";
  /** SP+: one more pipeline of all nodes that are left over. */
  readonly leftovers: boolean;
}

/**
 * Separate pipelines (Helix's SP, SP+): every group of nodes serves the whole model by itself, in as
 * many equal pipelines as carry most in sum. Groups that cannot hold the model are left out.
 */
export function placeSeparately(cluster: Cluster, options: SeparateOptions): BaselineOutcome {
  const groups = new Map<string, number[]>();
  cluster.nodes.forEach((node, index) => {
    const name =
      options.by === "type" ? machineOf(cluster, index).name : cluster.regions[node.region]!;
    groups.set(name, [...(groups.get(name) ?? []), index]);
  });
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  const notes: string[] = [];
  const settle = (chain: Chain): void => {
    for (const [node, interval] of chain.intervals) placement[node] = interval;
  };
  for (const [name, nodes] of groups) {
    const chains = bestPipelines(cluster, nodes);
    chains.forEach(settle);
    if (chains.length === 0) notes.push(`${name}: ${describeShortage(cluster, nodes)}`);
  }
  if (options.leftovers) {
    const left = cluster.nodes.map((_, node) => node).filter((node) => placement[node] === null);
    const chain = left.length === 0 ? undefined : fastestChain(cluster, left);
    if (chain !== undefined) settle(chain);
    else if (left.length > 0) notes.push(`leftovers: ${describeShortage(cluster, left)}`);
  }
  if (placement.every((interval) => interval === null)) {
    return { kind: "impossible", reason: notes.join("; ") };
  }
  return { kind: "placement", placement, notes };
}

/** The number of pipelines with the largest summed throughput; nodes are dealt out in turn. */
function bestPipelines(cluster: Cluster, nodes: readonly number[]): readonly Chain[] {
  let best: readonly Chain[] = [];
  let most = 0;
  for (let count = 1; count <= nodes.length; count += 1) {
    const chains: Chain[] = [];
    for (let pipeline = 0; pipeline < count; pipeline += 1) {
      const members = nodes.filter((_, at) => at % count === pipeline);
      const chain = fastestChain(cluster, members);
      if (chain !== undefined) chains.push(chain);
    }
    if (chains.length < count) break;
    const total = chains.reduce((sum, chain) => sum + chain.tokensPerSecond, 0);
    if (total > most) {
      best = chains;
      most = total;
    }
  }
  return best;
}

function describeShortage(cluster: Cluster, nodes: readonly number[]): string {
  const room = nodes.reduce((sum, node) => sum + machineOf(cluster, node).capacity.maxLayers, 0);
  return `${nodes.length} nodes hold ${room} of ${cluster.model.layers} layers: left out`;
}
