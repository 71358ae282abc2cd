import { COORDINATOR } from "../../core/cluster.js";
import type { Random } from "../../core/random.js";
import { describeRoute } from "./describe-route.js";
import type { HopGraph } from "./hop-graph.js";
import { createRouteTable } from "./route-table.js";
import { NO_HOP, type Router, type SchedulerName } from "./router.js";

/** Picks one of the candidate links (the first `count`), all with the same tail, or `NO_HOP`. */
interface HopPolicy {
  readonly name: SchedulerName;
  pick(candidates: Int32Array, count: number, busy: Uint8Array | undefined): number;
  observe(link: number, seconds: number): void;
}

/** Swarm (Ryabinin et al., ICML'23, appendix C): initial priority and smoothing as in the paper. */
const INITIAL_PRIORITY = 0.05;
const SMOOTHING = 0.8;

/**
 * Swarm's scheduler: per sender a min-heap of (priority, link); the least is taken and its priority
 * grows by the link's moving average of hop times.
 */
export function createSwarmRouter(graph: HopGraph): Router {
  const priority = new Float64Array(graph.linkCount).fill(INITIAL_PRIORITY);
  const average = new Float64Array(graph.linkCount).fill(INITIAL_PRIORITY);
  return createHopRouter(graph, {
    name: "swarm",
    pick(candidates, count) {
      let best = candidates[0]!;
      for (let at = 1; at < count; at += 1) {
        if (priority[candidates[at]!]! < priority[best]!) best = candidates[at]!;
      }
      priority[best]! += average[best]!;
      return best;
    },
    observe(link, seconds) {
      average[link] = SMOOTHING * seconds + (1 - SMOOTHING) * average[link]!;
    },
  });
}

/** Uniform over the legal next hops that are free. */
export function createRandomRouter(graph: HopGraph, random: Random): Router {
  return createHopRouter(graph, {
    name: "random",
    pick(candidates, count, busy) {
      let free = 0;
      for (let at = 0; at < count; at += 1) {
        if (busy?.[candidates[at]!] === 1) continue;
        candidates[free] = candidates[at]!;
        free += 1;
      }
      return free === 0 ? NO_HOP : candidates[random.int(free)]!;
    },
    observe: () => undefined,
  });
}

/**
 * The next node with the fewest requests waiting, random ties; waits while the links to all of these
 * are busy. The coordinator never queues.
 */
export function createShortestQueueRouter(
  graph: HopGraph,
  random: Random,
  waiting: (node: number) => number,
): Router {
  const ties = new Int32Array(graph.linkCount);
  return createHopRouter(graph, {
    name: "shortest-queue",
    pick(candidates, count, busy) {
      let shortest = Infinity;
      let tied = 0;
      for (let at = 0; at < count; at += 1) {
        const link = candidates[at]!;
        const node = graph.head[link]!;
        const length = node === COORDINATOR ? -1 : waiting(node);
        if (length < shortest) {
          shortest = length;
          tied = 0;
        }
        if (length === shortest && busy?.[link] !== 1) {
          ties[tied] = link;
          tied += 1;
        }
      }
      return tied === 0 ? NO_HOP : ties[random.int(tied)]!;
    },
    observe: (): void => undefined,
  });
}

/** A router that decides hop by hop, knowing neither KV nor flow, only which prompts are too long. */
function createHopRouter(graph: HopGraph, policy: HopPolicy): Router {
  const { nodeCount, outStart, head, reach } = graph;
  const table = createRouteTable(graph.maxHops);
  const candidates = new Int32Array(graph.linkCount);

  function advance(id: number, busy?: Uint8Array): number {
    const done = table.hopCount(id);
    const vertex = done === 0 ? nodeCount : head[table.linkAt(id, done - 1)]!;
    const promptTokens = table.promptTokens(id);
    let count = 0;
    for (let link = outStart[vertex]!; link < outStart[vertex + 1]!; link += 1) {
      if (reach[link]! < promptTokens || reach[link] === 0) continue;
      candidates[count] = link;
      count += 1;
    }
    if (count === 0) return NO_HOP;
    const link = policy.pick(candidates, count, busy);
    if (link === NO_HOP) return NO_HOP;
    table.push(id, link);
    return link;
  }

  function tryRoute(promptTokens: number): number {
    const id = table.open(promptTokens);
    let link = advance(id);
    while (link !== NO_HOP && head[link] !== COORDINATOR) link = advance(id);
    if (link === NO_HOP) {
      table.close(id);
      return NO_HOP;
    }
    return id;
  }

  return {
    name: policy.name,
    ahead: false,
    route: (promptTokens) => describeRoute(graph, table, tryRoute(promptTokens), promptTokens),
    tryRoute,
    open: (promptTokens) => table.open(promptTokens),
    advance,
    step: () => undefined,
    finish: (id) => table.close(id),
    observe: (link, seconds) => policy.observe(link, seconds),
    linkAt: (id, hop) => table.linkAt(id, hop),
    hopCount: (id) => table.hopCount(id),
    bottleneckUse: () => 0,
    fitsEmpty: () => true,
  };
}
