import { COORDINATOR } from "../../core/cluster.js";
import type { HopGraph } from "./hop-graph.js";
import type { RouteTable } from "./route-table.js";
import { NO_HOP, type RouteOutcome, type RouteStage } from "./router.js";

/** A route as plain data, or the reason why there is none. */
export function describeRoute(
  graph: HopGraph,
  table: RouteTable,
  id: number,
  promptTokens: number,
): RouteOutcome {
  if (id === NO_HOP) {
    const reason = longestPrompt(graph) < promptTokens ? "length" : "capacity";
    return { kind: "refused", reason };
  }
  const stages: RouteStage[] = [];
  for (let hop = 0; hop < table.hopCount(id); hop += 1) {
    const link = table.linkAt(id, hop);
    const node = graph.head[link]!;
    if (node === COORDINATOR) break;
    const start = graph.entryLayer[link]!;
    stages.push({ node, layers: [start, start + graph.layersRun[link]!] });
  }
  return { kind: "route", id, stages };
}

/** The longest prompt that any route takes; 0 where no route is complete. */
export function longestPrompt(graph: HopGraph): number {
  let longest = 0;
  for (let link = graph.outStart[graph.nodeCount]!; link < graph.linkCount; link += 1) {
    longest = Math.max(longest, graph.reach[link]!);
  }
  return longest;
}
