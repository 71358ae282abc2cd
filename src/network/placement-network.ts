import {
  COORDINATOR,
  linkBetween,
  machineOf,
  type Cluster,
  type Link,
} from "../cluster/cluster.js";
import type { FlowNetwork } from "../flow/network.js";
import { layerCount, type Placement } from "../placement/placement.js";
import { legalPredecessors } from "./legal-links.js";

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
}

export interface NetworkOptions {
  /** Whether a node may run only the end of its interval for tokens that come in the middle. */
  readonly partialInference: boolean;
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
 * activations; likewise on the way out. O(nodes + legal links).
 */
export function buildPlacementNetwork(
  cluster: Cluster,
  placement: Placement,
  options: NetworkOptions,
): PlacementNetwork {
  const { activationBytes, tokenBytes, layers } = cluster.model;
  const arcs = createArcList();
  const vertexOf = new Int32Array(placement.length).fill(-1);
  let vertexCount = FIRST_NODE;
  placement.forEach((interval, node) => {
    if (interval === null) return;
    vertexOf[node] = vertexCount;
    vertexCount += VERTICES_PER_NODE;
  });

  const coordinatorTokens = cluster.coordinator.nicBytesPerSecond / tokenBytes;
  arcs.add(SOURCE, COORDINATOR_OUT, coordinatorTokens, "nic-out", COORDINATOR, COORDINATOR);
  arcs.add(COORDINATOR_IN, SINK, coordinatorTokens, "nic-in", COORDINATOR, COORDINATOR);

  const receivesActivations = new Uint8Array(placement.length);
  const sendsActivations = new Uint8Array(placement.length);
  const addLink = (from: number, to: number, link: Link, bytes: number): void => {
    const tail = from === COORDINATOR ? COORDINATOR_OUT : vertexOf[from]! + 3;
    const head = to === COORDINATOR ? COORDINATOR_IN : vertexOf[to]!;
    arcs.add(tail, head, link.bandwidthBytesPerSecond / bytes, "link", from, to);
  };
  const predecessors = legalPredecessors(placement, options.partialInference);
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const fromCoordinator = interval[0] === 0 ? linkBetween(cluster, COORDINATOR, node) : undefined;
    if (fromCoordinator !== undefined) addLink(COORDINATOR, node, fromCoordinator, tokenBytes);
    for (const previous of predecessors(node)) {
      const link = linkBetween(cluster, previous, node);
      if (link === undefined) continue;
      addLink(previous, node, link, activationBytes);
      receivesActivations[node] = 1;
      sendsActivations[previous] = 1;
    }
    const toCoordinator =
      interval[1] === layers ? linkBetween(cluster, node, COORDINATOR) : undefined;
    if (toCoordinator !== undefined) addLink(node, COORDINATOR, toCoordinator, tokenBytes);
  });

  placement.forEach((interval, node) => {
    if (interval === null) return;
    const machine = machineOf(cluster, node);
    const vertex = vertexOf[node]!;
    const nic = machine.nicBytesPerSecond;
    const inBytes = receivesActivations[node] === 1 ? activationBytes : tokenBytes;
    const outBytes = sendsActivations[node] === 1 ? activationBytes : tokenBytes;
    const compute = machine.capacity.tokensPerSecond[layerCount(interval) - 1] ?? 0;
    arcs.add(vertex, vertex + 1, nic / inBytes, "nic-in", node, node);
    arcs.add(vertex + 1, vertex + 2, compute, "compute", node, node);
    arcs.add(vertex + 2, vertex + 3, nic / outBytes, "nic-out", node, node);
  });
  return arcs.build(vertexCount);
}

interface ArcList {
  add(tail: number, head: number, capacity: number, kind: ArcKind, from: number, to: number): void;
  build(vertexCount: number): PlacementNetwork;
}

function createArcList(): ArcList {
  const tail: number[] = [];
  const head: number[] = [];
  const capacity: number[] = [];
  const kinds: ArcKind[] = [];
  const from: number[] = [];
  const to: number[] = [];
  return {
    add(arcTail, arcHead, arcCapacity, kind, arcFrom, arcTo) {
      tail.push(arcTail);
      head.push(arcHead);
      capacity.push(arcCapacity);
      kinds.push(kind);
      from.push(arcFrom);
      to.push(arcTo);
    },
    build: (vertexCount) => ({
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
