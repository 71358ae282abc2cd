/**
 * What the Helix artifact (ASPLOS'25, artifact_evaluation/) says of its own runs beside clusters and
 * placements: which links each may use, and two placements more. Its simulator knows no other links,
 * so a published placement's links are part of it. Nodes are numbered as there: the first is 2, and
 * C is the coordinator.
 */
import { COORDINATOR, linkBetween, type Cluster, type Link } from "../src/core/cluster.js";
import type { LinkFlow } from "../src/planner/graph/evaluate-placement.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { anyFlow, carrying } from "./reference.js";

/** single_cluster/layout_llama70b/ilp/real_sys_config.txt (its machine m is node m + 1). */
export const SINGLE_HELIX_LINKS =
  "C-17 17-16 16-2 2-18 18-19 19-4 4-22 22-9 22-25 9-10 10-3 3-15 15-13 15-21 25-14 14-11 11-24 " +
  "13-24 21-20 20-5 20-7 20-23 24-5 24-7 24-23 5-12 7-12 23-12 12-8 8-6 6-C";

/** model_placement/layout_distributed/ilp/simulator_cluster.ini. */
export const REGIONS_HELIX_LINKS =
  "C-21 3-C 2-3 4-2 12-22 24-12 16-13 13-20 16-17 21-16 17-23 18-20 21-18 5-4 23-24 15-5 19-5 6-7 " +
  "8-6 6-9 22-7 7-10 20-8 9-19 10-15";

/** request_scheduling/layout_distributed: the placement that the schedulers were compared on. */
export const SCHEDULING_LAYERS =
  "2:59-70 3:70-80 4:48-59 5:37-48 6:19-26 7:26-32 8:15-19 9:26-30 10:32-33 11:0-1 12:18-22 13:0-1 " +
  "14:0-1 15:33-37 16:1-7 17:7-11 18:1-8 19:30-37 20:8-15 21:0-1 22:22-26 23:11-15 24:15-18 25:20-21";
export const SCHEDULING_LINKS =
  "C-13 C-21 3-C 2-3 4-2 12-22 24-12 13-16 14-18 16-17 21-16 17-23 18-20 21-18 20-24 5-4 23-24 15-5 " +
  "19-5 6-7 8-6 6-9 22-7 7-10 20-8 23-8 9-19 10-15";

/** model_placement/layout_distributed/petals. */
export const REGIONS_PETALS_LAYERS =
  "2:7-19 3:7-19 4:57-69 5:68-80 6:50-57 7:19-26 8:30-34 9:26-30 10:48-52 11:26-30 12:46-50 13:34-38 " +
  "14:61-65 15:57-61 16:0-7 17:34-41 18:41-48 19:19-26 20:50-57 21:0-7 22:69-73 23:42-46 24:38-42 " +
  "25:30-34";
export const REGIONS_PETALS_LINKS =
  "5-C C-16 C-21 2-7 2-19 3-19 3-7 4-22 4-5 6-4 6-15 7-11 7-9 8-17 8-13 9-25 9-8 10-20 10-6 11-25 " +
  "11-8 12-20 12-6 12-10 13-24 13-17 14-4 15-14 15-4 16-2 16-3 17-18 17-24 18-10 18-12 19-11 19-9 " +
  "20-15 20-4 21-2 21-3 22-5 23-12 23-18 24-23 24-18 25-13 25-17";

/**
 * Swarm's placement on three regions: model_placement/layout_distributed/swarm lists all 32 links
 * between consecutive stages, but any of the two machines of a doubled stage can carry the whole flow,
 * so maximum flows differ. The artifact asks networkx.maximum_flow; its preflow-push leaves the second
 * machines empty: these 20 links carry 616.4 tokens/s, the others nothing (networkx 3.6.1 on the links
 * in the file's order, the same for hash seeds 0 to 5).
 */
export const REGIONS_SWARM_FLOW =
  "C-5 5-4 4-3 3-2 2-21 21-20 20-19 19-18 18-17 17-16 16-7 7-6 6-11 11-24 24-23 23-22 22-15 15-14 " +
  "14-13 13-12 12-C";

/** single_cluster/layout_llama30b/swarm/swarm_sol.ini: first layers of 6 each, from node 2. */
export const SINGLE_SWARM_30B_STARTS = [
  30, 42, 36, 24, 30, 54, 18, 24, 54, 12, 6, 48, 48, 42, 42, 36, 54, 0, 36, 48, 42, 30, 36, 24,
] as const;

const FIRST_NODE = 2;

/** A placement and the links a run may use. */
export interface Arena {
  readonly cluster: Cluster;
  readonly placement: Placement;
  /** All links, with the flow of our maximum flow on them. */
  readonly links: readonly LinkFlow[];
  /** Those that carry flow. */
  readonly used: readonly LinkFlow[];
}

/** Layers by node, written as above. */
export function placementFrom(cluster: Cluster, text: string): Placement {
  const byNode = new Map(
    text.split(" ").map((entry) => {
      const [node, layers] = entry.split(":");
      const [start, end] = layers!.split("-").map(Number);
      return [Number(node) - FIRST_NODE, [start!, end!] as LayerInterval];
    }),
  );
  return cluster.nodes.map((_, node) => byNode.get(node) ?? null);
}

/** The cluster without any link but these. */
export function arenaOf(cluster: Cluster, placement: Placement, links: string): Arena {
  const vertex = (name: string): number => (name === "C" ? COORDINATOR : Number(name) - FIRST_NODE);
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  for (const pair of links.split(" ")) {
    const [tail, head] = pair.split("-").map(vertex) as [number, number];
    const fromTail = exceptions.get(tail) ?? new Map<number, Link | undefined>();
    exceptions.set(tail, fromTail.set(head, linkBetween(cluster, tail, head)));
  }
  const byRegion = cluster.regions.map(() => cluster.regions.map(() => undefined));
  return evaluated({ ...cluster, network: { byRegion, exceptions } }, placement, true);
}

/** Every link from the end of one stage to the start of the next. */
export function stagesArena(cluster: Cluster, placement: Placement): Arena {
  return evaluated(cluster, placement, false);
}

function evaluated(cluster: Cluster, placement: Placement, partialInference: boolean): Arena {
  const links = anyFlow(cluster, placement, partialInference);
  return { cluster, placement, links, used: carrying(links) };
}
