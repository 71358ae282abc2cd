import { clusterAsHeld } from "../../core/cluster-as-held.js";
import type { Cluster } from "../../core/cluster.js";
import { COORDINATOR, machineOf } from "../../core/cluster.js";
import { layerCount, type Placement } from "../../core/placement.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import { kvCapacityTokens, promptBatchRequests } from "../../engines/node-limits.js";

/**
 * The hops requests may take, as parallel arrays. Vertices 0..nodeCount − 1 are the nodes, vertex
 * `nodeCount` is the coordinator as sender. The out-links of vertex v are
 * outStart[v] ≤ link < outStart[v + 1]; a head of `COORDINATOR` ends the walk.
 *
 * Every node runs all layers from the last one done up to its own end, so which layers a hop runs
 * depends on the link alone: [entryLayer[link], exitLayer[head]).
 */
export interface HopGraph {
  readonly nodeCount: number;
  readonly linkCount: number;
  readonly outStart: Int32Array;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  /** Flow on the link, tokens/s. */
  readonly flow: Float64Array;
  /** First layer that the head runs for a request that comes over this link; 0 for ends of walks. */
  readonly entryLayer: Int32Array;
  /** Layers the head runs for such a request; 0 where the head is the coordinator. */
  readonly layersRun: Int32Array;
  /** Longest prompt, in tokens, that can still reach the coordinator after taking this link. */
  readonly reach: Float64Array;
  /** By node: layers held; 0 for empty nodes. */
  readonly layersHeld: Int32Array;
  /** By node: KV capacity in token-layers. */
  readonly kvTokenLayers: Float64Array;
  /** Most hops of any walk, the last one to the coordinator included. */
  readonly maxHops: number;
}

/**
 * The hop graph of a placement over the links given (usually those that carry flow).
 * Links that lead nowhere are kept with reach 0, so no request takes them.
 * O(links · log links + nodes).
 * @param promptSlotTokens prompts longer than one batch of places of so many tokens are refused, as in
 * the Helix paper. Default no such rule: a long prompt has a batch to itself, or is cut into chunks.
 */
export function createHopGraph(
  cluster: Cluster,
  placement: Placement,
  links: readonly LinkFlow[],
  promptSlotTokens = Infinity,
): HopGraph {
  const nodeCount = cluster.nodes.length;
  const vertexOf = (node: number): number => (node === COORDINATOR ? nodeCount : node);
  const order = links.toSorted((a, b) => vertexOf(a.from) - vertexOf(b.from));
  const linkCount = order.length;
  const outStart = new Int32Array(nodeCount + 2);
  for (const link of order) outStart[vertexOf(link.from) + 1]! += 1;
  for (let v = 0; v <= nodeCount; v += 1) outStart[v + 1]! += outStart[v]!;

  const own = clusterAsHeld(cluster, placement);
  const layersHeld = new Int32Array(nodeCount);
  const kvTokenLayers = new Float64Array(nodeCount);
  const promptLimit = new Float64Array(nodeCount);
  for (let node = 0; node < nodeCount; node += 1) {
    const interval = placement[node];
    if (interval === null || interval === undefined) continue;
    const held = layerCount(interval);
    const capacity = machineOf(own, node).capacity;
    layersHeld[node] = held;
    kvTokenLayers[node] = held * kvCapacityTokens(capacity, held);
    promptLimit[node] = Math.min(
      promptBatchRequests(capacity, held) * promptSlotTokens,
      kvCapacityTokens(capacity, held),
    );
  }
  const endOf = (vertex: number): number =>
    vertex === nodeCount ? 0 : (placement[vertex]?.[1] ?? 0);
  const entryLayer = new Int32Array(linkCount);
  const layersRun = new Int32Array(linkCount);
  order.forEach((link, index) => {
    if (link.to === COORDINATOR) return;
    entryLayer[index] = endOf(vertexOf(link.from));
    layersRun[index] = endOf(link.to) - entryLayer[index]!;
  });
  const graph = {
    nodeCount,
    linkCount,
    outStart,
    tail: Int32Array.from(order, (link) => vertexOf(link.from)),
    head: Int32Array.from(order, (link) => link.to),
    flow: Float64Array.from(order, (link) => link.flow),
    entryLayer,
    layersRun,
    layersHeld,
    kvTokenLayers,
  };
  return { ...graph, ...walkLimits(graph, endOf, promptLimit, cluster.model.layers) };
}

/** Longest prompt and most hops behind every link, by falling end layer of the tail. */
function walkLimits(
  graph: Omit<HopGraph, "reach" | "maxHops">,
  endOf: (vertex: number) => number,
  promptLimit: Float64Array,
  layers: number,
): Pick<HopGraph, "reach" | "maxHops"> {
  const { nodeCount, outStart, head, layersRun } = graph;
  const reach = new Float64Array(graph.linkCount);
  const hops = new Int32Array(nodeCount + 1);
  const best = new Float64Array(nodeCount + 1);
  const vertices = Array.from({ length: nodeCount + 1 }, (_, vertex) => vertex);
  vertices.sort((a, b) => endOf(b) - endOf(a));
  for (const vertex of vertices) {
    for (let link = outStart[vertex]!; link < outStart[vertex + 1]!; link += 1) {
      const to = head[link]!;
      if (to === COORDINATOR) {
        reach[link] = endOf(vertex) === layers ? Infinity : 0;
        hops[vertex] = Math.max(hops[vertex]!, 1);
      } else if (layersRun[link]! > 0) {
        reach[link] = Math.min(promptLimit[to]!, best[to]!);
        hops[vertex] = Math.max(hops[vertex]!, hops[to]! + 1);
      }
      best[vertex] = Math.max(best[vertex]!, reach[link]!);
    }
  }
  return { reach, maxHops: Math.max(1, hops[nodeCount]!) };
}
