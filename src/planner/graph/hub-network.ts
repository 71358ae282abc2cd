import {
  COORDINATOR,
  hostOf,
  linkBetween,
  machineOf,
  nicOf,
  regionOf,
  type Cluster,
} from "../../core/cluster.js";
import { rateOfLayers } from "../../core/interval-capacity.js";
import type { Placement } from "../../core/placement.js";
import {
  addCoordinator,
  addCoordinatorLink,
  addNodes,
  createArcList,
  type ArcList,
  type NetworkOptions,
  type PlacementNetwork,
} from "./placement-network.js";

/** Nodes of one region that end at, or can be entered at, the same border. */
export interface HubSide {
  readonly nodes: readonly number[];
  /** The arc between each of them and its hub. */
  readonly arcs: readonly number[];
}

/** An endless arc that stands for all links from the senders to the receivers. */
export interface HubLink {
  readonly arc: number;
  readonly from: HubSide;
  readonly to: HubSide;
  /** Tokens/s over each single link. */
  readonly capacity: number;
}

/** The network of a placement with hubs in the place of links between nodes. */
export interface HubNetwork {
  /** Hub arcs are endless, hence in no cut; they have no ends in the cluster (`from = to = NOBODY`). */
  readonly graph: PlacementNetwork;
  /** Arcs from here on lead to, between or from hubs. */
  readonly firstHubArc: number;
  readonly links: readonly HubLink[];
}

const NOBODY = -2;

interface Group {
  readonly nodes: number[];
  /** The most one of them computes. */
  most: number;
}

/**
 * The network of `buildPlacementNetwork` with its complete bipartite parts contracted: all nodes of a
 * region that end at a border send to one hub, all of a region that can be entered there receive from
 * one, and an endless arc joins two hubs whose regions have a link. Its arcs grow with nodes · layers
 * held, not with pairs of nodes.
 *
 * Exact where no single link can bind, that is c ≥ min(T_i, T_j) for all i, j of the two groups: a flow
 * through the hubs is spread over links by `spreadHubFlow`, none above min(T_i, T_j); and a finite cut
 * has both ends of all links on one side, so it is a cut of the same capacity in the full network.
 *
 * @returns undefined where links between nodes are at most `fewLinks`, might bind, or are not all classes.
 */
export function buildHubNetwork(
  cluster: Cluster,
  placement: Placement,
  { partialInference }: NetworkOptions,
  fewLinks: number,
): HubNetwork | undefined {
  if (placement.length ** 2 <= fewLinks) return undefined;
  for (const [from, row] of cluster.network.exceptions) {
    if (from !== COORDINATOR && [...row.keys()].some((to) => to !== COORDINATOR)) return undefined;
  }
  const rates = ratesOfMachines(cluster, placement);
  if (rates === undefined) return undefined;
  const groups = groupNodes(cluster, placement, partialInference, rates);
  const pairs = listPairs(cluster, groups);
  const count = pairs?.reduce((n, { from, to }) => n + from.nodes.length * to.nodes.length, 0) ?? 0;
  if (pairs === undefined || count <= fewLinks) return undefined;

  const { layers } = cluster.model;
  const arcs = createArcList(placement);
  addCoordinator(arcs, cluster);
  placement.forEach((interval, node) => {
    if (interval?.[0] === 0) addCoordinatorLink(arcs, cluster, COORDINATOR, node);
    if (interval?.[1] === layers) addCoordinatorLink(arcs, cluster, node, COORDINATOR);
  });
  const receives = new Uint8Array(placement.length);
  const sends = new Uint8Array(placement.length);
  for (const { from, to } of pairs) {
    for (const node of from.nodes) sends[node] = 1;
    for (const node of to.nodes) receives[node] = 1;
  }
  addNodes(arcs, cluster, placement, receives, sends);
  const firstHubArc = arcs.count;
  return { ...addHubs(arcs, pairs), graph: arcs.build(), firstHubArc };
}

interface Pair {
  readonly from: Group;
  readonly to: Group;
  readonly capacity: number;
}

interface Groups {
  /** By border and region: who ends there, who can be entered there. */
  readonly ending: readonly ReadonlyMap<number, Group>[];
  readonly entered: readonly ReadonlyMap<number, Group>[];
}

/**
 * Tokens/s that each node computes, a part of a machine as much as all its parts together: what they share
 * must not bind either. undefined where a shared NIC or an interconnect might bind.
 */
function ratesOfMachines(cluster: Cluster, placement: Placement): Float64Array | undefined {
  if (cluster.equalDegrees === true) return undefined;
  const rates = Float64Array.from(placement, (interval, node) =>
    interval === null ? 0 : rateOfLayers(machineOf(cluster, node).capacity, interval),
  );
  if (cluster.hosts === undefined) return rates;
  const together = new Float64Array(cluster.hosts.length);
  rates.forEach((rate, node) => {
    const host = hostOf(cluster, node);
    if (host >= 0) together[host]! += rate;
  });
  const { activationBytes, tokenBytes } = cluster.model;
  const wide = cluster.hosts.every(({ region, interconnect }, host) => {
    const bytes = together[host]! * activationBytes;
    const within = cluster.network.byRegion[region]?.[region] !== undefined;
    return within && bytes <= interconnect.bandwidthBytesPerSecond;
  });
  if (!wide) return undefined;
  const most = rates.map((rate, node) => {
    const host = hostOf(cluster, node);
    return host < 0 ? rate : together[host]!;
  });
  const binds = most.some((rate, node) => {
    if (hostOf(cluster, node) < 0) return false;
    const ends = [linkBetween(cluster, COORDINATOR, node), linkBetween(cluster, node, COORDINATOR)];
    return (
      rate * activationBytes > nicOf(cluster, node) ||
      ends.some((link) => link !== undefined && rate * tokenBytes > link.bandwidthBytesPerSecond)
    );
  });
  return binds ? undefined : most;
}

function groupNodes(
  cluster: Cluster,
  placement: Placement,
  partialInference: boolean,
  rates: Float64Array,
): Groups {
  const { layers } = cluster.model;
  const borders = (): Map<number, Group>[] => Array.from({ length: layers + 1 }, () => new Map());
  const ending = borders();
  const entered = borders();
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const [start, end] = interval;
    const rate = rates[node]!;
    const region = regionOf(cluster, node);
    const join = (at: Map<number, Group>): void => {
      const group = at.get(region) ?? { nodes: [], most: 0 };
      group.nodes.push(node);
      group.most = Math.max(group.most, rate);
      at.set(region, group);
    };
    join(ending[end]!);
    const last = partialInference ? end : start + 1;
    for (let border = start; border < last; border++) join(entered[border]!);
  });
  return { ending, entered };
}

/** Groups with links from one to the other; undefined when one of these links might bind. */
function listPairs(cluster: Cluster, { ending, entered }: Groups): readonly Pair[] | undefined {
  const pairs: Pair[] = [];
  for (let border = 1; border < ending.length; border++) {
    for (const [region, from] of ending[border]!) {
      for (const [other, to] of entered[border]!) {
        const link = cluster.network.byRegion[region]![other];
        if (link === undefined) continue;
        const capacity = link.bandwidthBytesPerSecond / cluster.model.activationBytes;
        if (capacity < Math.min(from.most, to.most)) return undefined;
        pairs.push({ from, to, capacity });
      }
    }
  }
  return pairs;
}

function addHubs(arcs: ArcList, pairs: readonly Pair[]): Pick<HubNetwork, "links"> {
  const sides = new Map<Group, HubSide & { readonly hub: number }>();
  const endless = (tail: number, head: number): number => {
    arcs.add(tail, head, Infinity, "link", NOBODY, NOBODY);
    return arcs.count - 1;
  };
  const sideOf = (
    group: Group,
    join: (node: number, hub: number) => number,
  ): HubSide & { readonly hub: number } => {
    const known = sides.get(group);
    if (known !== undefined) return known;
    const hub = arcs.addVertex();
    const side = { hub, nodes: group.nodes, arcs: group.nodes.map((node) => join(node, hub)) };
    sides.set(group, side);
    return side;
  };
  const links = pairs.map(({ from, to, capacity }): HubLink => {
    const sender = sideOf(from, (node, hub) => endless(arcs.outOf(node), hub));
    const receiver = sideOf(to, (node, hub) => endless(hub, arcs.inOf(node)));
    return { arc: endless(sender.hub, receiver.hub), from: sender, to: receiver, capacity };
  });
  return { links };
}
