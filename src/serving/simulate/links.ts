import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import type { HopGraph } from "../routing/hop-graph.js";
import type { EventHeap } from "./event-heap.js";
import { EVENT, encodeEvent } from "./events.js";
import { append, shift, type Queues } from "../../engines/queues.js";
import type { Requests } from "../../engines/requests.js";

/**
 * The links of a run. One transfer at a time per link, FIFO; it takes bytes / bandwidth, then the
 * latency. With fixed shares (Helix) a link has min(link, sender NIC × its share of the out-flow,
 * receiver NIC × its share of the in-flow), so transfers of different links never meet. Otherwise a
 * transfer reserves min(link, sender NIC ÷ out-links, what is free of the receiver's NIC).
 */
export interface Links {
  /** Bytes per token on this link: token ids to and from the coordinator, activations between. */
  readonly bytesPerToken: Float64Array;
  /** 1 while a transfer holds the link (never with fixed shares). */
  readonly busy: Uint8Array;
  /** Starts the transfer of `tokens`, or queues it (fixed shares). The link must not be busy. */
  send(slot: number, link: number, tokens: number, now: number): void;
  /** Ends the transfer under way (reserved bandwidth only). */
  sent(link: number): void;
  /** Whether the receiver has bandwidth left for another transfer. */
  receives(link: number): boolean;
  /** Takes the request that has just arrived off the link. */
  arrive(link: number): number;
}

/** Below this many bytes/s a NIC counts as taken (Helix artifact). */
const SLOWEST = 10;

export function createLinks(
  cluster: Cluster,
  graph: HopGraph,
  fixedShares: boolean,
  queues: Queues,
  firstList: number,
  requests: Requests,
  heap: EventHeap,
): Links {
  const { linkCount, nodeCount, tail, head, outStart } = graph;
  const nodeOf = (vertex: number): number => (vertex === nodeCount ? COORDINATOR : vertex);
  const nicOf = (node: number): number =>
    node === COORDINATOR
      ? cluster.coordinator.nicBytesPerSecond
      : machineOf(cluster, node).nicBytesPerSecond;
  const bytesPerToken = new Float64Array(linkCount);
  const latency = new Float64Array(linkCount);
  const bandwidth = new Float64Array(linkCount);
  const receiver = Int32Array.from(head, (node) => (node === COORDINATOR ? nodeCount : node));
  const receiverFree = Float64Array.from({ length: nodeCount + 1 }, (_, vertex) =>
    nicOf(nodeOf(vertex)),
  );
  for (let link = 0; link < linkCount; link += 1) {
    const from = nodeOf(tail[link]!);
    const to = head[link]!;
    const physical = linkBetween(cluster, from, to);
    const inner = from !== COORDINATOR && to !== COORDINATOR;
    bytesPerToken[link] = cluster.model.tokenBytes + (inner ? cluster.model.activationBytes : 0);
    latency[link] = physical?.latencySeconds ?? 0;
    bandwidth[link] = physical?.bandwidthBytesPerSecond ?? 0;
  }
  const shares = fixedShares ? flowShares(graph, receiver, bytesPerToken) : undefined;
  for (let link = 0; link < linkCount; link += 1) {
    const vertex = tail[link]!;
    const outLinks = outStart[vertex + 1]! - outStart[vertex]!;
    const sender = nicOf(nodeOf(vertex));
    bandwidth[link] =
      shares === undefined
        ? Math.min(bandwidth[link]!, sender / outLinks)
        : Math.min(
            bandwidth[link]!,
            sender * shares.out[link]!,
            receiverFree[receiver[link]!]! * shares.into[link]!,
          );
  }
  const busy = new Uint8Array(linkCount);
  const freeAt = new Float64Array(linkCount);
  const reserved = new Float64Array(linkCount);

  function fly(slot: number, link: number, due: number): void {
    const list = firstList + link;
    requests.dueAt[slot] = due;
    if (queues.count[list] === 0) heap.push(due, encodeEvent(EVENT.arrive, link));
    append(queues, list, requests, slot);
  }

  return {
    bytesPerToken,
    busy,
    receives: (link) => fixedShares || receiverFree[receiver[link]!]! > SLOWEST,
    send(slot, link, tokens, now) {
      const bytes = tokens * bytesPerToken[link]!;
      if (fixedShares) {
        const start = freeAt[link]! > now ? freeAt[link]! : now;
        requests.sentAt[slot] = start;
        const end = start + bytes / bandwidth[link]!;
        freeAt[link] = end;
        fly(slot, link, end + latency[link]!);
        return;
      }
      const rate = Math.min(bandwidth[link]!, receiverFree[receiver[link]!]!);
      reserved[link] = Number.isFinite(rate) ? rate : 0;
      receiverFree[receiver[link]!]! -= reserved[link]!;
      busy[link] = 1;
      requests.sentAt[slot] = now;
      const end = now + bytes / rate;
      heap.push(end, encodeEvent(EVENT.sent, link));
      fly(slot, link, end + latency[link]!);
    },
    sent(link) {
      busy[link] = 0;
      receiverFree[receiver[link]!]! += reserved[link]!;
    },
    arrive(link) {
      const list = firstList + link;
      const slot = shift(queues, list, requests);
      const following = queues.head[list]!;
      if (following >= 0) heap.push(requests.dueAt[following]!, encodeEvent(EVENT.arrive, link));
      return slot;
    },
  };
}

/** Each link's share of its sender's and its receiver's traffic, in bytes. */
function flowShares(
  graph: HopGraph,
  receiver: Int32Array,
  bytesPerToken: Float64Array,
): { readonly out: Float64Array; readonly into: Float64Array } {
  const sent = new Float64Array(graph.nodeCount + 1);
  const received = new Float64Array(graph.nodeCount + 1);
  const bytes = graph.flow.map((flow, link) => flow * bytesPerToken[link]!);
  bytes.forEach((amount, link) => {
    sent[graph.tail[link]!]! += amount;
    received[receiver[link]!]! += amount;
  });
  return {
    out: bytes.map((amount, link) => amount / sent[graph.tail[link]!]!),
    into: bytes.map((amount, link) => amount / received[receiver[link]!]!),
  };
}
