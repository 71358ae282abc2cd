import {
  COORDINATOR,
  hostOf,
  linkBetween,
  machineOf,
  nicOf,
  type Cluster,
} from "../../core/cluster.js";
import type { Bundle } from "../../math/flow/bundled-flow.js";
import type { FlowNetwork } from "../../math/flow/network.js";
import { rateOfLayers } from "../../core/interval-capacity.js";
import type { Placement } from "../../core/placement.js";
import { legalPredecessors } from "./legal-links.js";
import { shareWires } from "./share-wires.js";

/** What an arc of the placement's flow network stands for. */
export type ArcKind = "nic-in" | "compute" | "nic-out" | "link";

/**
 * The flow network of a placement, with the physical meaning of every arc. For `nic-in`, `compute`
 * and `nic-out`, `from = to =` the node (`COORDINATOR` for its two NIC directions).
 */
export interface PlacementNetwork {
  readonly network: FlowNetwork;
  readonly kinds: readonly ArcKind[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** What several of its arcs share, already divided among them in `network`; absent: nothing. */
  readonly wires?: SharedWires;
}

/** NICs of machines and links between machines, with what each arc could carry alone. */
export interface SharedWires {
  readonly bundles: readonly Bundle[];
  readonly alone: Float64Array;
}

export interface NetworkOptions {
  /** Whether a node may run only the end of its interval for tokens that come in the middle. */
  readonly partialInference: boolean;
  /** The nodes from which tokens come to a node, where not all legal ones are to be looked at. */
  readonly predecessors?: (node: number) => readonly number[];
}

const SOURCE = 0;
const SINK = 1;
const COORDINATOR_OUT = 2;
const COORDINATOR_IN = 3;
const FIRST_NODE = 4;
const VERTICES_PER_NODE = 4;

/**
 * Cluster + placement → capacitated graph, capacities in tokens/s (method: Helix, section 4.2).
 * Four vertices per placed node: in → start → end → out, with the inbound NIC, T(k) and the
 * outbound NIC between them. The source feeds the coordinator's outbound NIC, the sink drains its
 * inbound NIC. A node all of whose in-links come from the coordinator receives token ids, any other
 * activations; likewise on the way out. Parts of one machine share its NIC, and two machines their link;
 * between parts of one machine tokens pass neither NIC (`shareWires`). O(nodes + legal links).
 */
export function buildPlacementNetwork(
  cluster: Cluster,
  placement: Placement,
  options: NetworkOptions,
): PlacementNetwork {
  const { activationBytes, layers } = cluster.model;
  const arcs = createArcList(placement);
  addCoordinator(arcs, cluster);

  const receivesActivations = new Uint8Array(placement.length);
  const sendsActivations = new Uint8Array(placement.length);
  const predecessors =
    options.predecessors ?? legalPredecessors(placement, options.partialInference);
  placement.forEach((interval, node) => {
    if (interval === null) return;
    if (interval[0] === 0) addCoordinatorLink(arcs, cluster, COORDINATOR, node);
    for (const previous of predecessors(node)) {
      const link = linkBetween(cluster, previous, node);
      if (link === undefined) continue;
      const capacity = link.bandwidthBytesPerSecond / activationBytes;
      if (hostOf(cluster, node) >= 0 && hostOf(cluster, node) === hostOf(cluster, previous)) {
        arcs.addInnerLink(previous, node, capacity);
        continue;
      }
      arcs.addLink(previous, node, capacity);
      receivesActivations[node] = 1;
      sendsActivations[previous] = 1;
    }
    if (interval[1] === layers) addCoordinatorLink(arcs, cluster, node, COORDINATOR);
  });
  addNodes(arcs, cluster, placement, receivesActivations, sendsActivations);
  return shareWires(cluster, arcs.build(), { receivesActivations, sendsActivations });
}

/** The coordinator's NIC, both ways. */
export function addCoordinator(arcs: ArcList, cluster: Cluster): void {
  const tokens = cluster.coordinator.nicBytesPerSecond / cluster.model.tokenBytes;
  arcs.add(SOURCE, COORDINATOR_OUT, tokens, "nic-out", COORDINATOR, COORDINATOR);
  arcs.add(COORDINATOR_IN, SINK, tokens, "nic-in", COORDINATOR, COORDINATOR);
}

/** The link between the coordinator and a node, if there is one. */
export function addCoordinatorLink(
  arcs: ArcList,
  cluster: Cluster,
  from: number,
  to: number,
): void {
  const link = linkBetween(cluster, from, to);
  if (link === undefined) return;
  arcs.addLink(from, to, link.bandwidthBytesPerSecond / cluster.model.tokenBytes);
}

/** NICs and compute of every placed node. The flags say who exchanges activations with other nodes. */
export function addNodes(
  arcs: ArcList,
  cluster: Cluster,
  placement: Placement,
  receivesActivations: Uint8Array,
  sendsActivations: Uint8Array,
): void {
  const { activationBytes, tokenBytes } = cluster.model;
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const machine = machineOf(cluster, node);
    const vertex = arcs.inOf(node);
    const nic = nicOf(cluster, node);
    const inBytes = receivesActivations[node] === 1 ? activationBytes : tokenBytes;
    const outBytes = sendsActivations[node] === 1 ? activationBytes : tokenBytes;
    const compute = rateOfLayers(machine.capacity, interval);
    arcs.add(vertex, vertex + 1, nic / inBytes, "nic-in", node, node);
    arcs.add(vertex + 1, vertex + 2, compute, "compute", node, node);
    arcs.add(vertex + 2, vertex + 3, nic / outBytes, "nic-out", node, node);
  });
}

/** Collects the arcs of a placement's network. */
export interface ArcList {
  /** The vertex at which tokens arrive at a placed node or the coordinator, and leave it. */
  inOf(node: number): number;
  outOf(node: number): number;
  /** A vertex beyond those of coordinator and nodes. */
  addVertex(): number;
  add(tail: number, head: number, capacity: number, kind: ArcKind, from: number, to: number): void;
  addLink(from: number, to: number, capacity: number): void;
  /** A link between parts of one machine, past their NICs. */
  addInnerLink(from: number, to: number, capacity: number): void;
  readonly count: number;
  build(): PlacementNetwork;
}

export function createArcList(placement: Placement): ArcList {
  const tail: number[] = [];
  const head: number[] = [];
  const capacity: number[] = [];
  const kinds: ArcKind[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const vertexOf = new Int32Array(placement.length).fill(-1);
  let vertexCount = FIRST_NODE;
  placement.forEach((interval, node) => {
    if (interval === null) return;
    vertexOf[node] = vertexCount;
    vertexCount += VERTICES_PER_NODE;
  });
  const inOf = (node: number): number => (node === COORDINATOR ? COORDINATOR_IN : vertexOf[node]!);
  const outOf = (node: number): number =>
    node === COORDINATOR ? COORDINATOR_OUT : vertexOf[node]! + VERTICES_PER_NODE - 1;
  const add: ArcList["add"] = (arcTail, arcHead, arcCapacity, kind, arcFrom, arcTo) => {
    tail.push(arcTail);
    head.push(arcHead);
    capacity.push(arcCapacity);
    kinds.push(kind);
    from.push(arcFrom);
    to.push(arcTo);
  };
  return {
    inOf,
    outOf,
    addVertex: () => vertexCount++,
    add,
    addLink: (sender, receiver, tokens) =>
      add(outOf(sender), inOf(receiver), tokens, "link", sender, receiver),
    addInnerLink: (sender, receiver, tokens) =>
      add(outOf(sender) - 1, inOf(receiver) + 1, tokens, "link", sender, receiver),
    get count() {
      return tail.length;
    },
    build: () => ({
      network: {
        vertexCount,
        source: SOURCE,
        sink: SINK,
        tail: Int32Array.from(tail),
        head: Int32Array.from(head),
        capacity: Float64Array.from(capacity),
      },
      kinds,
      from: Int32Array.from(from),
      to: Int32Array.from(to),
    }),
  };
}
