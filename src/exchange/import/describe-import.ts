import { computeSumBound, truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import type { Cluster } from "../../core/cluster.js";
import { importPlacement, type PlacementImport } from "./import-placement.js";
import type { ImportFile } from "./placement-entries.js";
import { sumOverParts } from "../../planner/parts/bound-parts.js";
import { listPartClasses } from "../../planner/parts/part-groups.js";
import { groupMachines } from "../../planner/problem/machine-classes.js";
import { describeEngine } from "../../formats/read-engine.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { UNCONSTRAINED } from "../../planner/problem/problem.js";
import { describePlacement } from "../../planner/result/placement-file.js";
import { VERSION } from "../../core/version.js";

export interface PlacementImportRequest {
  readonly format: PlacementImport;
  readonly files: readonly ImportFile[];
  readonly cluster: Cluster;
  readonly clusterSha256: string;
  /** The nodes of one engine in rank order, for partitions without node names. */
  readonly nodes?: readonly string[];
}

/**
 * A placement file of what somebody already runs: its flow certified, its bound the best of those
 * that cost nothing, nothing searched.
 * @throws InputError when the files state no placement that fits the cluster.
 */
export function describeImportedPlacement(request: PlacementImportRequest): {
  readonly file: PlacementFile;
  readonly notes: readonly string[];
} {
  const { format, files, nodes } = request;
  const imported = importPlacement(format, files, request.cluster, nodes);
  const { cluster, placement, wholeChains, notes } = imported;
  const { engine } = cluster;
  const [boundName, upperBound] = cheapestBound(cluster);
  const file = describePlacement(cluster, placement, {
    clusterSha256: request.clusterSha256,
    objective: "flow",
    ...describeEngine(engine?.name === format ? engine : undefined),
    problem: {
      cluster,
      partialInference: !wholeChains,
      constraints: wholeChains ? { ...UNCONSTRAINED, chainsOnly: true } : UNCONSTRAINED,
    },
    upperBound,
    boundName,
    gapAsked: 0,
    termination: "exhausted",
    solve: {
      seconds: 0,
      seed: 0,
      strategies: [{ strategy: `import ${format}` }],
      versions: { "helix-place": VERSION },
    },
  });
  return { file, notes };
}

function cheapestBound(cluster: Cluster): readonly [name: string, value: number] {
  const { layers, tokenBytes } = cluster.model;
  const nic = cluster.coordinator.nicBytesPerSecond / tokenBytes;
  const bounds = [...boundCompute(cluster, layers), ["coordinator NIC", nic] as const];
  return bounds.reduce((best, bound) => (bound[1] < best[1] ? bound : best));
}

/** Where cards can be shared out otherwise than they are, what holds of these parts is no bound of the cluster. */
function boundCompute(
  cluster: Cluster,
  layers: number,
): readonly (readonly [name: string, value: number])[] {
  if (cluster.parting !== undefined) {
    const { value, name } = sumOverParts(listPartClasses(cluster, new Set()), layers);
    return [[name, value]];
  }
  const classes = groupMachines(cluster, UNCONSTRAINED);
  return [
    ["truncated compute sum", truncatedSumBound(classes, layers)],
    ["compute sum", computeSumBound(classes, layers)],
  ];
}
