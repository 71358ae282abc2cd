import type { Model, Workload } from "./model.js";
import type { Capacity, ThroughputRuleName } from "./capacity.js";
import type { EngineChoice } from "./engine-choice.js";

/** Index that stands for the coordinator wherever a node index is expected. */
export const COORDINATOR = -1;

/** The name of the coordinator in `links`, routing tables and reports. */
export const COORDINATOR_ID = "coordinator";

/** A machine type, with what it can do for the cluster's model and workload. */
export interface Machine {
  readonly name: string;
  readonly capacity: Capacity;
  /** Per direction; `Infinity` when the file gives none. */
  readonly nicBytesPerSecond: number;
  readonly gpu?: string;
  readonly gpus: number;
  /** What of its cards' memory an engine may use; absent where the card is not known. */
  readonly memory?: MemoryShares;
  /** The cards compute 16-bit products in fp16 only. */
  readonly lacksBf16?: boolean;
  readonly pricePerHour?: number;
}

/** The same amount of memory as two shares: engines count from either. */
export interface MemoryShares {
  /** Of all that the cards have. */
  readonly ofCards: number;
  /** Of what is free on them before the engine starts. */
  readonly ofFree: number;
}

/** One physical machine. */
export interface ClusterNode {
  readonly id: string;
  /** Index into `Cluster.machines`. */
  readonly machine: number;
  /** Index into `Cluster.regions`. */
  readonly region: number;
}

/** What a directed physical link offers. No link is `undefined`, never a bandwidth of zero. */
export interface Link {
  readonly bandwidthBytesPerSecond: number;
  readonly latencySeconds: number;
}

/**
 * All directed links, stored as one class per ordered region pair plus exceptions per node pair,
 * so a full mesh of n nodes costs O(regions² + exceptions), not O(n²).
 */
export interface Network {
  /** `byRegion[from][to]`; `undefined` where the class has no link. */
  readonly byRegion: readonly (readonly (Link | undefined)[])[];
  /** Per-link exceptions: from → to → link (`undefined` = explicitly none). `COORDINATOR` is a valid key on both levels. */
  readonly exceptions: ReadonlyMap<number, ReadonlyMap<number, Link | undefined>>;
}

export interface Coordinator {
  /** Index into `Cluster.regions`. */
  readonly region: number;
  readonly nicBytesPerSecond: number;
}

export interface Cluster {
  readonly name: string;
  readonly model: Model;
  readonly workload: Workload;
  readonly machines: readonly Machine[];
  readonly nodes: readonly ClusterNode[];
  readonly regions: readonly string[];
  readonly network: Network;
  readonly coordinator: Coordinator;
  /** How T(k) follows from curves, where the file says so. */
  readonly throughputRule?: ThroughputRuleName;
  /** What is to run a placement, where anybody said so. */
  readonly engine?: EngineChoice;
}

/**
 * The directed link between two nodes (or the coordinator, `COORDINATOR`), or `undefined`.
 * The most specific entry wins. O(1).
 */
export function linkBetween(cluster: Cluster, from: number, to: number): Link | undefined {
  if (from === to) return undefined;
  const exceptions = cluster.network.exceptions.get(from);
  if (exceptions?.has(to) === true) return exceptions.get(to);
  return cluster.network.byRegion[regionOf(cluster, from)]?.[regionOf(cluster, to)];
}

/** Region index of a node or of the coordinator. */
export function regionOf(cluster: Cluster, node: number): number {
  return node === COORDINATOR ? cluster.coordinator.region : cluster.nodes[node]!.region;
}

/** The machine type of a node. */
export function machineOf(cluster: Cluster, node: number): Machine {
  return cluster.machines[cluster.nodes[node]!.machine]!;
}

/** The name of a node, or of the coordinator. */
export function nodeId(cluster: Cluster, node: number): string {
  return node === COORDINATOR ? COORDINATOR_ID : cluster.nodes[node]!.id;
}
