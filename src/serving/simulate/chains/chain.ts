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
  sourceOf,
} from "../../../core/cluster.js";
import { InputError } from "../../../core/errors.js";
import { layerCount, type LayerInterval, type Placement } from "../../../core/placement.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { decodeBatchRequests, kvCapacityTokens } from "../../../engines/node-limits.js";
import { slotsOf, type Slots } from "../../../engines/slots.js";
import { shareWires, type WireShares } from "./wire-shares.js";
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
  const wires = shareWires(cluster, placement, chains);
  return chains.map(({ nodes, flow }) =>
    describeChain(cluster, placement, { nodes, share: flow / all, wires }, engine),
  );
}

interface ChainNodes {
  readonly nodes: readonly number[];
  /** Of the coordinator's NIC, as of all flow. */
  readonly share: number;
  readonly wires: WireShares;
}

/** What a chain is to its scheduler. */
function describeChain(
  whole: Cluster,
  placement: Placement,
  { nodes, share, wires }: ChainNodes,
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
        ? tokenSeconds(cluster, [last, COORDINATOR], { share, wires })
        : tokenSeconds(cluster, [node, nodes[at + 1]!], { share, wires }),
  }));
  const entry = linkBetween(cluster, COORDINATOR, first)?.latencySeconds ?? 0;
  const back = linkBetween(cluster, last, COORDINATOR)?.latencySeconds ?? 0;
  const kvTokens = kvTokensOf(cluster, nodes, heldBy, batching.kv);
  return {
    stages,
    slots: slotsOf(batching, kvTokens, cluster.workload),
    entrySecondsPerToken: tokenSeconds(cluster, [COORDINATOR, first], { share, wires }),
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
 * Links that cross a machine's wires share them; between two parts of it there is no NIC.
 */
function tokenSeconds(
  cluster: Cluster,
  [from, to]: readonly [from: number, to: number],
  { share, wires }: Pick<ChainNodes, "share" | "wires">,
): number {
  const { activationBytes, tokenBytes } = cluster.model;
  const carried = from === COORDINATOR || to === COORDINATOR ? "ids" : "activations";
  const bytes = carried === "ids" ? tokenBytes : activationBytes;
  const link = linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? Infinity;
  const host = hostOf(cluster, from);
  if (host >= 0 && host === hostOf(cluster, to)) return bytes / link;
  const leaving = from === COORDINATOR ? 1 : wires.leaving(from, carried);
  const coming = to === COORDINATOR ? 1 : wires.coming(to, carried);
  const nics = [
    (from === COORDINATOR ? share : leaving) * nicOf(cluster, from),
    (to === COORDINATOR ? share : coming) * nicOf(cluster, to),
  ];
  return bytes / Math.min(link * Math.min(leaving, coming), ...nics);
}

/** @throws InputError when the node's machine has no timing curves. */
function curvesOf(cluster: Cluster, node: number): Curves {
  const machine = machineOf(cluster, node);
  const { curves } = machine.capacity;
  if (curves !== undefined) return curves;
  throw new InputError(sourceOf(cluster), [
    {
      path: `machines.${machine.name}.profile`,
      found: "no promptSeconds and decodeSeconds",
      expected: "measured curves, or a GPU of the catalogue to estimate them from",
      remedy: "Tokens per second alone say nothing of batches: give the curves, or name the gpu.",
    },
  ]);
}
