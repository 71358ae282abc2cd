import type { Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import { withNamedParts } from "../../core/parting.js";
import type { Placement } from "../../core/placement.js";
import { readBlocks } from "./placement-blocks.js";
import { assemblePlacement, type ImportFile, type PlacementEntry } from "./placement-entries.js";
import { readExo } from "./placement-exo.js";
import { readHelixSolution } from "./placement-helix.js";
import { readLlamaCpp } from "./placement-llama-cpp.js";
import { PARTITION_FORMATS, readManifests, readPartitions } from "./placement-partition.js";

/** What a running placement can be read from. */
export const PLACEMENT_IMPORTS = [
  "helix",
  "vllm",
  "sglang",
  "tensorrt-llm",
  "llama.cpp",
  "petals",
  "parallax",
  "exo",
  "kubernetes",
] as const;

export type PlacementImport = (typeof PLACEMENT_IMPORTS)[number];

export interface ImportedPlacement {
  /** The cluster with the parts of machines that the files name as its nodes. */
  readonly cluster: Cluster;
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
  const entries = readEntries(format, files, cluster, nodes);
  const ids = entries.map(({ node }) => node);
  const parted = withNamedParts(cluster, ids);
  const placement = assemblePlacement(parted, entries);
  refuseGaps(parted, placement);
  const routed = ["helix", "petals", "parallax"].includes(format);
  return { cluster: parted, placement, wholeChains: !routed, notes: NOTES[format] ?? [] };
}

const NOTES: Partial<Record<PlacementImport, readonly string[]>> = {
  petals: ["Petals' clients choose routes themselves; the flow here is the most they could reach."],
  parallax: ["Parallax chooses routes itself; the flow here is the most it could reach."],
  kubernetes: [
    "Kubernetes chooses which worker takes which stage; the nodes are taken in the order given.",
  ],
};

function readEntries(
  format: PlacementImport,
  files: readonly ImportFile[],
  cluster: Cluster,
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const { layers } = cluster.model;
  switch (format) {
    case "helix":
      return readHelixSolution(files, cluster);
    case "petals":
    case "parallax":
      return readBlocks(files, nodes);
    case "vllm":
    case "sglang":
    case "tensorrt-llm":
      return readPartitions(files, PARTITION_FORMATS[format], layers, nodes);
    case "llama.cpp":
      return readLlamaCpp(files, layers, nodes);
    case "exo":
      return readExo(files, nodes);
    case "kubernetes":
      return readManifests(files, layers, nodes);
  }
}

/** Nothing could be served while nobody holds some layers: a part of the files is missing then. */
function refuseGaps({ model }: Cluster, placement: Placement): void {
  const held = Array.from({ length: model.layers }, () => false);
  for (const interval of placement) {
    if (interval === null) continue;
    for (let layer = interval[0]; layer < interval[1]; layer += 1) held[layer] = true;
  }
  const gaps: string[] = [];
  for (let layer = 0; layer < held.length; layer += 1) {
    if (held[layer]!) continue;
    let end = layer;
    while (end < held.length && !held[end]!) end += 1;
    gaps.push(`[${layer}, ${end})`);
    layer = end;
  }
  if (gaps.length === 0) return;
  throw new InputError("placement", [
    {
      path: "",
      found: `nobody who holds the layers ${gaps.join(", ")}`,
      expected: `all ${model.layers} layers held by somebody`,
      remedy: "Give the files of all parts, or correct the cluster's model.",
    },
  ]);
}
