import { COORDINATOR, machineOf, type Cluster } from "../core/cluster.js";
import type { PhysicalLinks } from "./physical-links.js";

/** The flow to be judged: by link (`from` → `to` → tokens/s) and by node. */
export interface ClaimedFlow {
  readonly onLink: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly through: Float64Array;
  readonly total: number;
}

// Four places a token can be in at a node: before the inbound NIC, before the compute, after it,
// after the outbound NIC. The coordinator has two: sending side and receiving side.
const PLACES = 4;

/**
 * Looks for a way to push more tokens through: breadth first over every capacity with room left and
 * every flow that could be taken back. None = the claimed flow is maximum (Ford–Fulkerson).
 * @param room capacity left below which an arc counts as full, tokens/s.
 * @returns true when the flow cannot be raised. O(nodes + legal links).
 */
export function isMaximum(
  cluster: Cluster,
  computeCapacity: Float64Array,
  links: PhysicalLinks,
  claimed: ClaimedFlow,
  room: number,
): boolean {
  const nodes = cluster.nodes.length;
  const sending = nodes * PLACES;
  const receiving = sending + 1;
  const reached = new Uint8Array(receiving + 1);
  const inLinks = reverse(links);
  const coordinatorTokens = cluster.coordinator.nicBytesPerSecond / cluster.model.tokenBytes;
  if (coordinatorTokens - claimed.total <= room) return true; // the coordinator's own NIC is the cut
  const queue: number[] = [sending];
  reached[sending] = 1;
  const visit = (place: number): void => {
    if (reached[place] === 1) return;
    reached[place] = 1;
    queue.push(place);
  };
  const flowOn = (from: number, to: number): number => claimed.onLink.get(from)?.get(to) ?? 0;
  for (const place of queue) {
    if (place === receiving) return false;
    const node = place === sending ? COORDINATOR : Math.floor(place / PLACES);
    const stage = place === sending ? PLACES - 1 : place % PLACES;
    if (stage === PLACES - 1) {
      for (const { to, capacity } of links.outOf.get(node) ?? []) {
        if (capacity - flowOn(node, to) <= room) continue;
        visit(to === COORDINATOR ? receiving : to * PLACES);
      }
    }
    if (node === COORDINATOR) continue;
    const through = claimed.through[node]!;
    const nic = machineOf(cluster, node).nicBytesPerSecond;
    const inside = [
      nic / links.inBytes[node]!,
      computeCapacity[node]!,
      nic / links.outBytes[node]!,
    ];
    if (stage < PLACES - 1 && inside[stage]! - through > room) visit(place + 1);
    if (stage > 0 && through > room) visit(place - 1);
    if (stage === 0) {
      for (const from of inLinks.get(node) ?? []) {
        if (flowOn(from, node) > room) visit(from === COORDINATOR ? sending : from * PLACES + 3);
      }
    }
  }
  return true;
}

function reverse(links: PhysicalLinks): ReadonlyMap<number, readonly number[]> {
  const into = new Map<number, number[]>();
  for (const [from, row] of links.outOf) {
    for (const { to } of row) {
      const list = into.get(to);
      if (list === undefined) into.set(to, [from]);
      else list.push(from);
    }
  }
  return into;
}
