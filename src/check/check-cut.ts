import { COORDINATOR, type Cluster } from "../core/cluster.js";
import type { CheckedWires } from "./check-wires.js";
import type { PhysicalLink, PhysicalLinks } from "./physical-links.js";

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
 * every flow that could be taken back. None = the claimed flow is maximum (Ford–Fulkerson); where parts of
 * a machine fill the NIC that they share, only that no more passes unless they divide it otherwise.
 * @param room capacity left below which an arc counts as full, tokens/s.
 * @returns true when the flow cannot be raised. O(nodes + legal links).
 */
export function isMaximum(
  cluster: Cluster,
  computeCapacity: Float64Array,
  { links, wires }: { readonly links: PhysicalLinks; readonly wires: CheckedWires },
  claimed: ClaimedFlow,
  room: number,
): boolean {
  const { activationBytes, tokenBytes } = cluster.model;
  const nodes = cluster.nodes.length;
  const sending = nodes * PLACES;
  const receiving = sending + 1;
  const reached = new Uint8Array(receiving + 1);
  const inLinks = reverse(links);
  const coordinatorTokens = cluster.coordinator.nicBytesPerSecond / tokenBytes;
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
    // Tokens for other parts of the machine leave before the NIC and come in behind it.
    for (const { to, capacity, inner } of links.outOf.get(node) ?? []) {
      if (stage !== PLACES - (inner ? 2 : 1)) continue;
      const flow = flowOn(node, to);
      const bytes = to === COORDINATOR || node === COORDINATOR ? tokenBytes : activationBytes;
      const wide = inner ? Infinity : wires.roomBetween(node, to) / bytes;
      if (Math.min(capacity - flow, wide) <= room) continue;
      visit(to === COORDINATOR ? receiving : to * PLACES + (inner ? 1 : 0));
    }
    if (node === COORDINATOR) continue;
    const inside = [
      wires.roomIn(node) / links.inBytes[node]!,
      computeCapacity[node]! - claimed.through[node]!,
      wires.roomOut(node) / links.outBytes[node]!,
    ];
    const passed = [wires.outsideIn[node]!, claimed.through[node]!, wires.outsideOut[node]!];
    if (stage < PLACES - 1 && inside[stage]! > room) visit(place + 1);
    if (stage > 0 && passed[stage - 1]! > room) visit(place - 1);
    for (const { from, inner } of inLinks.get(node) ?? []) {
      if (stage !== (inner ? 1 : 0) || flowOn(from, node) <= room) continue;
      visit(from === COORDINATOR ? sending : from * PLACES + PLACES - (inner ? 2 : 1));
    }
  }
  return true;
}

function reverse(links: PhysicalLinks): ReadonlyMap<number, readonly PhysicalLink[]> {
  const into = new Map<number, PhysicalLink[]>();
  for (const row of links.outOf.values()) {
    for (const link of row) {
      const list = into.get(link.to);
      if (list === undefined) into.set(link.to, [link]);
      else list.push(link);
    }
  }
  return into;
}
