import { COORDINATOR, hostOf, linkBetween, nicOf, type Cluster } from "../../core/cluster.js";
import type { HopGraph } from "../routing/hop-graph.js";
import type { EventHeap } from "./event-heap.js";
import { EVENT, encodeEvent } from "./events.js";
import { append, shift, type Queues } from "../../engines/queues.js";
import type { Requests } from "../../engines/requests.js";

/**
 * The links of a run. One transfer at a time per link, FIFO; it takes bytes / bandwidth, then the
 * latency. With fixed shares (Helix) a link has min(link, sender NIC × its share of the out-flow,
 * receiver NIC × its share of the in-flow), so transfers of different links never meet. Otherwise a
 * transfer reserves min(link, sender NIC ÷ out-links, what is free of the receiver's NIC). Parts of a
 * machine have one NIC together, which what they send each other does not pass.
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
  /** From now on NICs are shared by these flows, tokens/s by link; links without flow keep what they had (fixed shares). */
  reshare(flow: Float64Array): void;
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
  const { linkCount, nodeCount, tail, head } = graph;
  const nodeOf = (vertex: number): number => (vertex === nodeCount ? COORDINATOR : vertex);
  const nics = listNics(cluster, nodeCount);
  const bytesPerToken = new Float64Array(linkCount);
  const latency = new Float64Array(linkCount);
  const bandwidth = new Float64Array(linkCount);
  const sender = new Int32Array(linkCount);
  const receiver = new Int32Array(linkCount);
  const receiverFree = nics.rate.slice();
  const outLinks = new Int32Array(nics.rate.length);
  for (let link = 0; link < linkCount; link += 1) {
    const from = nodeOf(tail[link]!);
    const to = head[link]!;
    const physical = linkBetween(cluster, from, to);
    const inner = from !== COORDINATOR && to !== COORDINATOR;
    bytesPerToken[link] = cluster.model.tokenBytes + (inner ? cluster.model.activationBytes : 0);
    latency[link] = physical?.latencySeconds ?? 0;
    bandwidth[link] = physical?.bandwidthBytesPerSecond ?? 0;
    const own = hostOf(cluster, from);
    const within = own >= 0 && own === hostOf(cluster, to);
    sender[link] = within ? nics.none : nics.of(from);
    receiver[link] = within ? nics.none : nics.of(to);
    outLinks[sender[link]!]! += 1;
  }
  const ends = { sender, receiver, count: nics.rate.length };
  const physical = bandwidth.slice();
  for (let link = 0; link < linkCount; link += 1) {
    const from = sender[link]!;
    bandwidth[link] = Math.min(physical[link]!, nics.rate[from]! / outLinks[from]!);
  }
  function reshare(flow: Float64Array): void {
    const shares = flowShares(flow, ends, bytesPerToken);
    for (let link = 0; link < linkCount; link += 1) {
      if (flow[link]! <= 0) continue;
      bandwidth[link] = Math.min(
        physical[link]!,
        nics.rate[sender[link]!]! * shares.out[link]!,
        nics.rate[receiver[link]!]! * shares.into[link]!,
      );
    }
  }
  if (fixedShares) reshare(graph.flow);
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
    reshare,
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

interface Nics {
  /** Bytes/s by NIC; the last one is none at all. */
  readonly rate: Float64Array;
  readonly none: number;
  /** The NIC of a node, of the machine that it is a part of, or of the coordinator. */
  of(node: number): number;
}

function listNics(cluster: Cluster, nodeCount: number): Nics {
  const { hosts = [], coordinator } = cluster;
  const none = nodeCount + 1 + hosts.length;
  const rate = new Float64Array(none + 1).fill(Infinity);
  for (let node = 0; node < nodeCount; node += 1) rate[node] = nicOf(cluster, node);
  rate[nodeCount] = coordinator.nicBytesPerSecond;
  hosts.forEach(({ nicBytesPerSecond }, host) => (rate[nodeCount + 1 + host] = nicBytesPerSecond));
  return {
    rate,
    none,
    of(node) {
      if (node === COORDINATOR) return nodeCount;
      const host = hostOf(cluster, node);
      return host < 0 ? node : nodeCount + 1 + host;
    },
  };
}

/** Each link's share of its sender's and its receiver's traffic, in bytes. */
function flowShares(
  flow: Float64Array,
  { sender, receiver, count }: { sender: Int32Array; receiver: Int32Array; count: number },
  bytesPerToken: Float64Array,
): { readonly out: Float64Array; readonly into: Float64Array } {
  const sent = new Float64Array(count);
  const received = new Float64Array(count);
  const bytes = flow.map((tokens, link) => tokens * bytesPerToken[link]!);
  bytes.forEach((amount, link) => {
    sent[sender[link]!]! += amount;
    received[receiver[link]!]! += amount;
  });
  return {
    out: bytes.map((amount, link) => amount / sent[sender[link]!]!),
    into: bytes.map((amount, link) => amount / received[receiver[link]!]!),
  };
}
