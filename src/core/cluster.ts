import type { Assumption, Model, Workload } from "./model.js";
import type { Capacity, ThroughputRuleName } from "./capacity.js";
import type { EngineChoice } from "./engine-choice.js";
import type { Parting } from "./parting.js";

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
  /** Watts under load; absent where neither the file nor the catalogue says. */
  readonly power?: { readonly watts: number; readonly from: "file" | "catalogue" };
  /** At which it loads weights, where the file says so. */
  readonly loadBytesPerSecond?: number;
}

/** The same amount of memory as two shares: engines count from either. */
export interface MemoryShares {
  /** Of all that the cards have. */
  readonly ofCards: number;
  /** Of what is free on them before the engine starts. */
  readonly ofFree: number;
}

/** What holds layers as one: a physical machine, or a part of one. */
export interface ClusterNode {
  readonly id: string;
  /** Index into `Cluster.machines`. */
  readonly machine: number;
  /** Index into `Cluster.regions`. */
  readonly region: number;
  /** Which cards of which machine it is, where machines are shared out. */
  readonly part?: Part;
}

/** Cards of one machine that work as one node, by tensor parallelism: [first, first + count). */
export interface Part {
  /** Index into `Cluster.hosts`. */
  readonly host: number;
  readonly first: number;
  readonly count: number;
}

/** A physical machine whose cards are shared out among several nodes. */
export interface Host {
  readonly id: string;
  /** Index into `Cluster.regions`. */
  readonly region: number;
  readonly cards: number;
  /** Per direction, for all its parts together. */
  readonly nicBytesPerSecond: number;
  /** Between two of its parts; the NIC has no share in it. */
  readonly interconnect: Link;
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
  /** Machines that several nodes are parts of; absent where every node is a machine of its own. */
  readonly hosts?: readonly Host[];
  /** How else the cards of the machines could be shared out; absent where there is no choice. */
  readonly parting?: Parting;
  /** No tokens from a node to one of another degree of tensor parallelism: the engine's rule. */
  readonly equalDegrees?: true;
  /** What the cluster file leaves open beside its model, and what was taken. */
  readonly assumptions?: readonly Assumption[];
  /** The file that it was read from, for errors; absent where it was made otherwise. */
  readonly source?: string;
}

/** What errors name: the file that somebody can mend. */
export function sourceOf({ source, name }: Pick<Cluster, "source" | "name">): string {
  return source ?? name;
}

/**
 * The directed link between two nodes (or the coordinator, `COORDINATOR`), or `undefined`.
 * The most specific entry wins; between parts of one machine it is the machine's interconnect. O(1).
 */
export function linkBetween(cluster: Cluster, from: number, to: number): Link | undefined {
  if (from === to) return undefined;
  const inside = from !== COORDINATOR && to !== COORDINATOR;
  if (inside && cluster.equalDegrees === true && degreeOf(cluster, from) !== degreeOf(cluster, to))
    return undefined;
  if (cluster.hosts !== undefined && inside) {
    const host = hostOf(cluster, from);
    if (host >= 0 && host === hostOf(cluster, to)) return cluster.hosts[host]!.interconnect;
  }
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

/** Index of the machine that the node is a part of; −1 for the coordinator and whole machines. */
export function hostOf(cluster: Cluster, node: number): number {
  return cluster.nodes[node]?.part?.host ?? -1;
}

/** Cards that work as one in a node. */
export function degreeOf(cluster: Cluster, node: number): number {
  return cluster.nodes[node]!.part?.count ?? machineOf(cluster, node).gpus;
}

/** The NIC between a node and other machines, bytes/s per direction: its parts share a machine's. */
export function nicOf(cluster: Cluster, node: number): number {
  if (node === COORDINATOR) return cluster.coordinator.nicBytesPerSecond;
  const host = cluster.hosts?.[hostOf(cluster, node)];
  return host?.nicBytesPerSecond ?? machineOf(cluster, node).nicBytesPerSecond;
}

/** The name of a node, or of the coordinator. */
export function nodeId(cluster: Cluster, node: number): string {
  return node === COORDINATOR ? COORDINATOR_ID : cluster.nodes[node]!.id;
}
