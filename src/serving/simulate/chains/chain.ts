import type { Curves } from "../../../core/capacity.js";
import { clusterAsHeld } from "../../../core/cluster-as-held.js";
import type { ChainBatching, EngineOverhead } from "../../../engines/engine.js";
import {
  COORDINATOR,
  linkBetween,
  machineOf,
  type Cluster,
  hostOf,
  nicOf,
} from "../../../core/cluster.js";
import { InputError } from "../../../core/errors.js";
import { layerCount, type LayerInterval, type Placement } from "../../../core/placement.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { decodeBatchRequests, kvCapacityTokens } from "../../../engines/node-limits.js";
import { slotsOf, type Slots } from "../../../engines/slots.js";
import { createFusedLayerTime, type FusedLayerTime } from "../../../engines/fused-step.js";

/** A pipeline that shares no node with another: what one engine runs. */
export interface Chain {
  /** Nodes in order; together they hold every layer once. */
  readonly nodes: readonly number[];
  /** Tokens/s of flow: the weight by which requests are handed out. */
  readonly flow: number;
}

/** A node of a placement that its flow enters or leaves in more than one way. */
export interface NotAChain {
  readonly node: number;
  readonly reason: "several-ways-in" | "several-ways-out" | "entered-in-the-middle";
}

/**
 * The chains of a placement by the links that carry flow, or the nodes in the way of there being any.
 * O(links).
 */
export function listChains(
  placement: Placement,
  links: readonly LinkFlow[],
): { readonly chains: readonly Chain[]; readonly inTheWay: readonly NotAChain[] } {
  const next = new Map<number, number>();
  const before = new Map<number, number>();
  const inTheWay: NotAChain[] = [];
  const starts: LinkFlow[] = [];
  for (const link of links) {
    if (link.from === COORDINATOR) starts.push(link);
    else if (next.has(link.from)) inTheWay.push({ node: link.from, reason: "several-ways-out" });
    else next.set(link.from, link.to);
    if (link.to === COORDINATOR) continue;
    const end = link.from === COORDINATOR ? 0 : placement[link.from]![1];
    if (end !== placement[link.to]![0]) {
      inTheWay.push({ node: link.to, reason: "entered-in-the-middle" });
    }
    if (before.has(link.to)) inTheWay.push({ node: link.to, reason: "several-ways-in" });
    else before.set(link.to, link.from);
  }
  if (inTheWay.length > 0) return { chains: [], inTheWay };
  const chains = starts.map(({ to, flow }) => {
    const nodes: number[] = [];
    for (let node = to; node !== COORDINATOR; node = next.get(node)!) nodes.push(node);
    return { nodes, flow };
  });
  return { chains, inTheWay };
}

/** How the engine of the chains works. */
export interface ChainEngine {
  readonly batching: ChainBatching;
  readonly overhead: EngineOverhead;
}

/** A stage as the simulator runs it. */
export interface Stage {
  readonly node: number;
  readonly interval: LayerInterval;
  readonly layers: number;
  readonly layerSeconds: FusedLayerTime;
  /** Seconds beside the layers, per batch. */
  readonly stepSeconds: number;
  /** To the next stage, or from the last one back to the first. */
  readonly latencySeconds: number;
  /** Seconds per token on the way to the next stage; from the last one, of token ids to the front end. */
  readonly secondsPerToken: number;
}

export interface ChainSpec {
  readonly stages: readonly Stage[];
  /** Seconds per token id from the front end to the first stage. */
  readonly entrySecondsPerToken: number;
  /** Tokens of KV the chain's scheduler may hand out; `Infinity` where no machine says. */
  readonly kvTokens: number;
  /** Of the engine that has them: requests under way at most, and where each ends. */
  readonly slots: Slots | undefined;
  /** Most decodes in a batch, by the machines' own limits. */
  readonly mostDecodes: number;
  /** From the front end to the first stage and back. */
  readonly roundTripSeconds: number;
}

/** What the chains of a placement are to their schedulers, each with its share of the coordinator's NIC. */
export function describeChains(
  cluster: Cluster,
  placement: Placement,
  chains: readonly Chain[],
  engine: ChainEngine,
): readonly ChainSpec[] {
  const all = chains.reduce((sum, { flow }) => sum + flow, 0);
  return chains.map(({ nodes, flow }) =>
    describeChain(cluster, placement, { nodes, share: flow / all }, engine),
  );
}

/**
 * What a chain is to its scheduler.
 * @param share of the coordinator's NIC, as of all flow.
 */
function describeChain(
  whole: Cluster,
  placement: Placement,
  { nodes, share }: { readonly nodes: readonly number[]; readonly share: number },
  { batching, overhead }: ChainEngine,
): ChainSpec {
  const cluster = clusterAsHeld(whole, placement);
  const heldBy = nodes.map((node) => layerCount(placement[node]!));
  const [first, last] = [nodes[0]!, nodes.at(-1)!];
  const stages = nodes.map((node, at): Stage => ({
    node,
    interval: placement[node]!,
    layers: heldBy[at]!,
    layerSeconds: createFusedLayerTime(curvesOf(cluster, node), overhead.layerSeconds),
    stepSeconds: overhead.stepSeconds,
    latencySeconds: latencyBetween(cluster, node, nodes[at + 1] ?? first),
    secondsPerToken:
      node === last
        ? tokenSeconds(cluster, placement, [last, COORDINATOR], share)
        : tokenSeconds(cluster, placement, [node, nodes[at + 1]!], 1),
  }));
  const entry = linkBetween(cluster, COORDINATOR, first)?.latencySeconds ?? 0;
  const back = linkBetween(cluster, last, COORDINATOR)?.latencySeconds ?? 0;
  const kvTokens = kvTokensOf(cluster, nodes, heldBy, batching.kv);
  return {
    stages,
    slots: slotsOf(batching, kvTokens, cluster.workload),
    entrySecondsPerToken: tokenSeconds(cluster, placement, [COORDINATOR, first], share),
    kvTokens,
    mostDecodes: Math.min(
      ...nodes.map((node, at) =>
        decodeBatchRequests(machineOf(cluster, node).capacity, heldBy[at]!),
      ),
    ),
    roundTripSeconds: entry + back,
  };
}

function kvTokensOf(
  cluster: Cluster,
  nodes: readonly number[],
  heldBy: readonly number[],
  kv: "poorest" | "least-bytes",
): number {
  const tokens = nodes.map((node, at) =>
    kvCapacityTokens(machineOf(cluster, node).capacity, heldBy[at]!),
  );
  if (kv === "poorest") return Math.min(...tokens);
  const leastTokenLayers = Math.min(...tokens.map((each, at) => each * heldBy[at]!));
  return leastTokenLayers / Math.max(...heldBy);
}

/** Of the link between two nodes; where there is none (from the last stage back), by way of the coordinator. */
function latencyBetween(cluster: Cluster, from: number, to: number): number {
  if (from === to) return 0;
  const link = linkBetween(cluster, from, to);
  if (link !== undefined) return link.latencySeconds;
  const away = linkBetween(cluster, from, COORDINATOR)?.latencySeconds ?? 0;
  const there = linkBetween(cluster, COORDINATOR, to)?.latencySeconds ?? 0;
  return away + there;
}

/**
 * Seconds that a link is taken for one token: activations between nodes, ids to and from the coordinator.
 * Parts of a machine that hold layers have equal shares of its wires; between two of them there is no NIC.
 */
function tokenSeconds(
  cluster: Cluster,
  placement: Placement,
  [from, to]: readonly [from: number, to: number],
  share: number,
): number {
  const { activationBytes, tokenBytes } = cluster.model;
  const bytes = from === COORDINATOR || to === COORDINATOR ? tokenBytes : activationBytes;
  const link = linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? Infinity;
  const hosts = [hostOf(cluster, from), hostOf(cluster, to)];
  if (hosts[0]! >= 0 && hosts[0] === hosts[1]) return bytes / link;
  const shareOf = (node: number): number =>
    node === COORDINATOR ? share : 1 / Math.max(1, countHeld(cluster, placement, node));
  const nics = [from, to].map((node) => shareOf(node) * nicOf(cluster, node));
  const wire = link * Math.min(...[from, to].map((n) => (n === COORDINATOR ? 1 : shareOf(n))));
  return bytes / Math.min(wire, ...nics);
}

/** Nodes with layers on the node's machine. */
function countHeld(cluster: Cluster, placement: Placement, node: number): number {
  const host = hostOf(cluster, node);
  if (host < 0) return 1;
  return cluster.nodes.reduce(
    (count, { part }, each) =>
      count + (part?.host === host && (placement[each] ?? null) !== null ? 1 : 0),
    0,
  );
}

/** @throws InputError when the node's machine has no timing curves. */
function curvesOf(cluster: Cluster, node: number): Curves {
  const machine = machineOf(cluster, node);
  const { curves } = machine.capacity;
  if (curves !== undefined) return curves;
  throw new InputError(cluster.name, [
    {
      path: `machines.${machine.name}.profile`,
      found: "no promptSeconds and decodeSeconds",
      expected: "measured curves, or a GPU of the catalogue to estimate them from",
      remedy: "Tokens per second alone say nothing of batches: give the curves, or name the gpu.",
    },
  ]);
}
