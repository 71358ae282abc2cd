import { COORDINATOR, hostOf, linkBetween, nicOf, type Cluster } from "../../core/cluster.js";
import { divideBundles, type Bundle } from "../../math/flow/bundled-flow.js";
import type { PlacementNetwork } from "./placement-network.js";

/** Who exchanges activations, not token ids, with other machines. */
export interface ActivationFlags {
  readonly receivesActivations: Uint8Array;
  readonly sendsActivations: Uint8Array;
}

/**
 * The network with what several nodes share divided among them so that most passes: the NIC of a machine
 * among its parts, either way, and the link between two machines among the pairs of their parts. Of the
 * parts' tokens only those count that come from, or go to, other machines. Nothing changes where nodes
 * are machines of their own, or where no shared wire could bind. O(arcs), and a flow where one could.
 */
export function shareWires(
  cluster: Cluster,
  graph: PlacementNetwork,
  flags: ActivationFlags,
): PlacementNetwork {
  if (cluster.hosts === undefined) return graph;
  const bundles = listBundles(cluster, graph, flags);
  if (bundles.length === 0) return graph;
  return divideWires({ ...graph, wires: { bundles, alone: graph.network.capacity } });
}

/** The network with its shared wires divided anew. */
export function divideWires(graph: PlacementNetwork): PlacementNetwork {
  if (graph.wires === undefined) return graph;
  const { bundles, alone } = graph.wires;
  const network = { ...graph.network, capacity: alone };
  const shares = divideBundles(withinCompute({ ...graph, network }), bundles);
  const capacity = alone.map((tokens, arc) => Math.min(tokens, shares[arc]!));
  return { ...graph, network: { ...network, capacity } };
}

interface OpenBundle {
  readonly arcs: number[];
  readonly weights: number[];
  readonly capacity: number;
}

function listBundles(
  cluster: Cluster,
  { kinds, from, to }: PlacementNetwork,
  { receivesActivations, sendsActivations }: ActivationFlags,
): readonly Bundle[] {
  const { activationBytes, tokenBytes } = cluster.model;
  const open = new Map<string, OpenBundle>();
  const join = (key: string, arc: number, weight: number, capacity: number): void => {
    const bundle = open.get(key) ?? { arcs: [], weights: [], capacity };
    bundle.arcs.push(arc);
    bundle.weights.push(weight);
    open.set(key, bundle);
  };
  kinds.forEach((kind, arc) => {
    const [tail, head] = [from[arc]!, to[arc]!];
    if (kind === "compute" || tail === head) {
      const host = hostOf(cluster, tail);
      if (host < 0 || kind === "compute") return;
      const activations = kind === "nic-in" ? receivesActivations : sendsActivations;
      const bytes = activations[tail] === 1 ? activationBytes : tokenBytes;
      join(`${kind} ${host}`, arc, bytes, nicOf(cluster, tail));
      return;
    }
    const [sender, receiver] = [endOf(cluster, tail), endOf(cluster, head)];
    const whole = hostOf(cluster, tail) < 0 && hostOf(cluster, head) < 0;
    if (whole || sender === receiver) return;
    const bytes = tail === COORDINATOR || head === COORDINATOR ? tokenBytes : activationBytes;
    const link = linkBetween(cluster, tail, head)!.bandwidthBytesPerSecond;
    join(`${sender} ${receiver}`, arc, bytes, link);
  });
  return [...open.values()].filter(({ arcs, capacity }) => arcs.length > 1 && capacity < Infinity);
}

/** A machine, or a node that is one: the same for all parts of a machine. */
function endOf(cluster: Cluster, node: number): string {
  const host = hostOf(cluster, node);
  return host >= 0 ? `machine ${host}` : `${node}`;
}

/** The network with no arc at a node wider than what the node computes: what then fits a wire never fills it. */
function withinCompute({
  kinds,
  from,
  to,
  network,
}: PlacementNetwork): PlacementNetwork["network"] {
  const compute = new Map<number, number>();
  kinds.forEach((kind, arc) => {
    if (kind === "compute") compute.set(from[arc]!, network.capacity[arc]!);
  });
  const capacity = network.capacity.map((tokens, arc) =>
    Math.min(tokens, compute.get(from[arc]!) ?? Infinity, compute.get(to[arc]!) ?? Infinity),
  );
  return { ...network, capacity };
}
