import { COORDINATOR } from "../../core/cluster.js";
import type { HopGraph } from "./hop-graph.js";
import type { KvReservation } from "./kv-reservation.js";
import { createRouteTable, type RouteTable } from "./route-table.js";
import { describeRoute } from "./describe-route.js";
import { NO_HOP, type Router } from "./router.js";

/** Where the paper's scheduler is not the whole of it. */
export interface HelixRouterRules {
  /**
   * A link with less than this share of what leaves its tail carries nothing. Default 0. The paper masks below 5 %
   * (`HELIX.leastFlowShare`), for its few wide links: of 21 equal links none has that much.
   */
  readonly leastShare?: number | undefined;
  /**
   * Default true: a request for which a node further on has no room turns back and takes another way. The paper's is refused,
   * and so is the next one, which is sent the same way: of chains that share no node the first that is full keeps the others idle.
   */
  readonly turnsBack?: boolean | undefined;
}

/**
 * Helix's scheduler: every vertex runs an interleaved weighted round robin over its out-links.
 * Link j with flow w_j has load ℓ_j; the unmasked j with the least ℓ_j + tokens/w_j is taken (first
 * wins ties) and ℓ_j grows by tokens/w_j. Masks: no flow, prompt too long for what lies behind
 * the link, expected KV above the high-water mark. (Mei et al., ASPLOS'25, section 4.)
 */
export function createHelixRouter(
  graph: HopGraph,
  kv: KvReservation,
  { leastShare = 0, turnsBack = true }: HelixRouterRules = {},
): Router {
  const { nodeCount, outStart, head, reach, layersRun } = graph;
  const table = createRouteTable(graph.maxHops);
  const inverse = inverseWeights(graph, graph.flow, leastShare);
  const load = new Float64Array(graph.linkCount);
  /** The walk that came to an end at a node: nothing behind it has room for that request. */
  const closedIn = new Float64Array(nodeCount);
  let walk = 0;

  function choose(vertex: number, promptTokens: number, expected: number): number {
    let best = NO_HOP;
    let least = Infinity;
    for (let link = outStart[vertex]!; link < outStart[vertex + 1]!; link += 1) {
      const candidate = load[link]! + promptTokens * inverse[link]!;
      if (!(candidate < least) || reach[link]! < promptTokens) continue;
      const to = head[link]!;
      if (to !== COORDINATOR && (closedIn[to] === walk || !kv.fits(to, expected))) continue;
      best = link;
      least = candidate;
    }
    return best;
  }

  /** Adds `tokens` to every hop of the route. Loads change only once a whole walk has succeeded. */
  function charge(id: number, tokens: number): void {
    for (let hop = table.hopCount(id) - 1; hop >= 0; hop -= 1) {
      const link = table.linkAt(id, hop);
      load[link]! += tokens * inverse[link]!;
    }
  }

  function tryRoute(promptTokens: number): number {
    const expected = kv.expectedTokens(promptTokens);
    const id = table.open(promptTokens);
    let vertex = nodeCount;
    walk += 1;
    while (vertex !== COORDINATOR) {
      const link = choose(vertex, promptTokens, expected);
      if (link !== NO_HOP) {
        table.push(id, link);
        vertex = head[link]!;
      } else if (turnsBack && vertex !== nodeCount) {
        closedIn[vertex] = walk;
        table.pop(id);
        const hops = table.hopCount(id);
        vertex = hops === 0 ? nodeCount : head[table.linkAt(id, hops - 1)]!;
      } else {
        table.close(id);
        return NO_HOP;
      }
    }
    charge(id, promptTokens);
    settle(table, graph, kv, { id, sign: 1 });
    return id;
  }

  return {
    name: "helix",
    ahead: true,
    route: (promptTokens) => describeRoute(graph, table, tryRoute(promptTokens), promptTokens),
    tryRoute,
    fitsEmpty: (promptTokens) => kv.fitsEmpty(kv.expectedTokens(promptTokens)),
    open: (promptTokens) => table.open(promptTokens),
    advance(id) {
      const done = table.hopCount(id);
      const vertex = done === 0 ? nodeCount : head[table.linkAt(id, done - 1)]!;
      const promptTokens = table.promptTokens(id);
      const expected = kv.expectedTokens(promptTokens);
      walk += 1;
      const link = choose(vertex, promptTokens, expected);
      if (link === NO_HOP) return NO_HOP;
      table.push(id, link);
      load[link]! += promptTokens * inverse[link]!;
      if (head[link] !== COORDINATOR) kv.reserve(head[link]!, expected * layersRun[link]!);
      return link;
    },
    step: (id) => charge(id, 1),
    finish(id) {
      settle(table, graph, kv, { id, sign: -1 });
      table.close(id);
    },
    reweigh(flow) {
      inverse.set(inverseWeights(graph, flow, leastShare));
      load.fill(0);
    },
    observe: () => undefined,
    linkAt: (id, hop) => table.linkAt(id, hop),
    hopCount: (id) => table.hopCount(id),
    bottleneckUse: () => kv.bottleneckUse(),
  };
}

/** Takes the KV that a route is expected to hold on its nodes, or gives it back. */
function settle(
  table: RouteTable,
  { head, layersRun }: HopGraph,
  kv: KvReservation,
  { id, sign }: { readonly id: number; readonly sign: 1 | -1 },
): void {
  const expected = kv.expectedTokens(table.promptTokens(id));
  for (let hop = table.hopCount(id) - 2; hop >= 0; hop -= 1) {
    const link = table.linkAt(id, hop);
    const tokenLayers = expected * layersRun[link]!;
    if (sign === 1) kv.reserve(head[link]!, tokenLayers);
    else kv.release(head[link]!, tokenLayers);
  }
}

/** 1/w by link; Infinity for links that carry nothing, or too little. */
function inverseWeights(graph: HopGraph, flows: Float64Array, leastShare: number): Float64Array {
  const inverse = new Float64Array(graph.linkCount).fill(Infinity);
  for (let vertex = 0; vertex <= graph.nodeCount; vertex += 1) {
    const [first, behind] = [graph.outStart[vertex]!, graph.outStart[vertex + 1]!];
    const total = flows.subarray(first, behind).reduce((sum, flow) => sum + flow, 0);
    for (let link = first; link < behind; link += 1) {
      const flow = flows[link]!;
      if (flow > 0 && flow >= leastShare * total) inverse[link] = 1 / flow;
    }
  }
  return inverse;
}
