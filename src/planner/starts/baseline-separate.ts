import { machineOf, type Cluster } from "../../core/cluster.js";
import type { Chain } from "../problem/chain.js";
import { fastestChain } from "./baseline-chain.js";
import type { BaselineOutcome } from "./baseline.js";
import type { LayerInterval } from "../../core/placement.js";

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
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [index]);
    else group.push(index);
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
  /** Tokens/s by what a pipeline is made of: pipelines of one count hardly differ. 0 = too short. */
  const speeds = new Map<string, number>();
  const speedOf = (members: readonly number[]): number => {
    const key = describeMembers(cluster, members);
    const known = speeds.get(key);
    if (known !== undefined) return known;
    const speed = fastestChain(cluster, members)?.tokensPerSecond ?? 0;
    speeds.set(key, speed);
    return speed;
  };
  let best = 0;
  let most = 0;
  for (let count = 1; count <= nodes.length; count += 1) {
    let total = 0;
    let pipeline = 0;
    for (; pipeline < count; pipeline += 1) {
      const speed = speedOf(deal(nodes, pipeline, count));
      if (speed === 0) break;
      total += speed;
    }
    if (pipeline < count) break;
    if (total > most) {
      best = count;
      most = total;
    }
  }
  return Array.from({ length: best }, (_, pipeline) =>
    fastestChain(cluster, deal(nodes, pipeline, best)),
  ).filter((chain) => chain !== undefined);
}

/** Every `count`-th of the nodes, from one on. */
function deal(nodes: readonly number[], from: number, count: number): readonly number[] {
  const members: number[] = [];
  for (let at = from; at < nodes.length; at += count) members.push(nodes[at]!);
  return members;
}

/** The machines of nodes in their order, in runs. */
function describeMembers(cluster: Cluster, members: readonly number[]): string {
  let text = "";
  let machine = -1;
  let run = 0;
  for (const node of members) {
    const own = cluster.nodes[node]!.machine;
    if (own === machine) {
      run += 1;
      continue;
    }
    text += `${run}×${machine} `;
    machine = own;
    run = 1;
  }
  return `${text}${run}×${machine}`;
}

function describeShortage(cluster: Cluster, nodes: readonly number[]): string {
  const room = nodes.reduce((sum, node) => sum + machineOf(cluster, node).capacity.maxLayers, 0);
  return `${nodes.length} nodes hold ${room} of ${cluster.model.layers} layers: left out`;
}
