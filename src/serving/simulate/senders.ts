import type { HopGraph } from "../routing/hop-graph.js";
import { NO_HOP, type Router } from "../routing/router.js";
import type { Links } from "./links.js";
import type { Metrics } from "./metrics.js";
import { append, detach, shift, type Queues } from "../../engines/queues.js";
import type { Requests } from "../../engines/requests.js";

/** Where requests leave vertices: nodes, and the coordinator (vertex `nodeCount`). */
export interface Senders {
  /** A request wants its next hop from this vertex. */
  depart(slot: number, vertex: number, now: number): void;
  /** A transfer on this link has ended. */
  freed(link: number, now: number): void;
}

/**
 * With routes fixed ahead every request knows its link and joins that link's FIFO. Otherwise prompts
 * without a next hop wait at the vertex until the scheduler gives them a link; decodes wait for the
 * link of their prompt; whoever came first goes first.
 */
export function createSenders(
  graph: HopGraph,
  router: Router,
  links: Links,
  queues: Queues,
  requests: Requests,
  firstLinkQueue: number,
  firstSender: number,
  metrics: Metrics,
): Senders {
  const { outStart, tail, nodeCount } = graph;
  const blocked = new Uint8Array(graph.linkCount);
  const starved = new Uint8Array(nodeCount + 1);
  const assignsAtOnce = router.name === "swarm";
  let turns = 0;

  function transmit(slot: number, link: number, now: number): void {
    const isPrompt = requests.inPrompt[slot] === 1;
    links.send(slot, link, isPrompt ? requests.prompt[slot]! : 1, now);
    const from = tail[link]!;
    if (isPrompt && from < nodeCount)
      metrics.leave(from, requests.sentAt[slot]! - requests.reachedAt[slot]!);
  }

  function isFree(link: number): boolean {
    if (links.busy[link] === 1) return false;
    if (links.receives(link)) return true;
    starved[tail[link]!] = 1;
    return false;
  }

  /** Marks the links that a prompt of this turn may not take; false when it may take none. */
  function block(vertex: number, turn: number): boolean {
    let open = false;
    for (let link = outStart[vertex]!; link < outStart[vertex + 1]!; link += 1) {
      const first = queues.head[firstLinkQueue + link]!;
      const free = isFree(link) && (first < 0 || requests.turn[first]! > turn);
      blocked[link] = free ? 0 : 1;
      open ||= free;
    }
    return open;
  }

  function assign(vertex: number, now: number): void {
    const list = firstSender + vertex;
    let previous = -1;
    for (let slot = queues.head[list]!; slot >= 0;) {
      const following = requests.next[slot]!;
      if (!assignsAtOnce && !block(vertex, requests.turn[slot]!)) return;
      const route = requests.route[slot]!;
      const link = router.advance(route, assignsAtOnce ? undefined : blocked);
      if (link === NO_HOP) {
        previous = slot;
      } else {
        detach(queues, list, requests, previous, slot);
        if (assignsAtOnce) append(queues, firstLinkQueue + link, requests, slot);
        else transmit(slot, link, now);
      }
      slot = following;
    }
  }

  function pump(vertex: number, now: number): void {
    starved[vertex] = 0;
    if (queues.head[firstSender + vertex]! >= 0) assign(vertex, now);
    for (let link = outStart[vertex]!; link < outStart[vertex + 1]!; link += 1) {
      if (queues.head[firstLinkQueue + link]! < 0 || !isFree(link)) continue;
      transmit(shift(queues, firstLinkQueue + link, requests), link, now);
    }
  }

  return {
    depart(slot, vertex, now) {
      const hop = requests.hop[slot]! + 1;
      requests.hop[slot] = hop;
      const route = requests.route[slot]!;
      const known = hop < router.hopCount(route);
      if (router.ahead) {
        transmit(slot, router.linkAt(route, hop), now);
        return;
      }
      requests.turn[slot] = turns;
      turns += 1;
      const list = known ? firstLinkQueue + router.linkAt(route, hop) : firstSender + vertex;
      append(queues, list, requests, slot);
      pump(vertex, now);
    },
    freed(link, now) {
      pump(tail[link]!, now);
      for (let vertex = 0; vertex <= nodeCount; vertex += 1) {
        if (starved[vertex] === 1) pump(vertex, now);
      }
    },
  };
}
