import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { readBlocks } from "./placement-blocks.js";
import { assemblePlacement, type ImportFile } from "./placement-entries.js";
import { readHelixSolution } from "./placement-helix.js";
import { readPartitions } from "./placement-partition.js";

/** What a running placement can be read from. */
export const PLACEMENT_IMPORTS = ["helix", "vllm", "sglang", "petals"] as const;

export type PlacementImport = (typeof PLACEMENT_IMPORTS)[number];

export interface ImportedPlacement {
  readonly placement: Placement;
  /** Whether the stack runs node-disjoint chains only, each node all it holds. */
  readonly wholeChains: boolean;
  /** What the reader should know of it. */
  readonly notes: readonly string[];
}

/**
 * The placement that somebody already runs, for a cluster file that describes their machines.
 * @param nodes for partitions without node names: the nodes of one engine, in rank order.
 * @throws InputError when the files state no placement that fits the cluster.
 */
export function importPlacement(
  format: PlacementImport,
  files: readonly ImportFile[],
  cluster: Cluster,
  nodes: readonly string[] = [],
): ImportedPlacement {
  switch (format) {
    case "helix":
      return {
        placement: assemblePlacement(cluster, readHelixSolution(files, cluster)),
        wholeChains: false,
        notes: [],
      };
    case "petals":
      return {
        placement: assemblePlacement(cluster, readBlocks(files)),
        wholeChains: false,
        notes: [
          "Petals' clients choose routes themselves; the flow here is the most they could reach.",
        ],
      };
    case "vllm":
    case "sglang":
      return {
        placement: assemblePlacement(cluster, readPartitions(files, nodes)),
        wholeChains: true,
        notes: [],
      };
  }
}
