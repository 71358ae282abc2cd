import type { Cluster } from "../../core/cluster.js";
import { listDegrees, partitionOf, uniformPartition, type Partition } from "../../core/parting.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import {
  listAllPartitions,
  listNearPartitions,
  sizeClasses,
  type PatternCounts,
} from "../../planner/parts/near-partitions.js";
import {
  assignPatterns,
  countPatterns,
  listLeftOut,
  listPartClasses,
  type PartClasses,
} from "../../planner/parts/part-groups.js";
import { problemFor } from "../served/problem-for.js";
import { keepParts } from "./part-constraints.js";
import type { PlanOptions } from "./plan.js";

/** Partitions up to which all of them are planned, so that their bounds are one of the whole. */
const MOST_LISTED = 12;

/** What partitions there are. */
export interface PartSpace {
  readonly parts: PartClasses;
  readonly layers: number;
  /** All, where they are few. */
  readonly all: readonly PatternCounts[] | undefined;
  readonly uniform: readonly Partition[];
  /** As the cluster is parted now. */
  readonly now: Partition;
  build(counts: PatternCounts): Partition;
  /** Tokens/s that this partition cannot exceed, by compute alone. */
  boundOf(partition: Partition): number;
  /** Those that differ in machines of one kind; none where the engine leaves no choice. */
  listNear(partition: Partition): readonly Partition[];
}

export function describeSpace(cluster: Cluster, options: PlanOptions): PartSpace {
  const { parting } = cluster;
  const { layers } = cluster.model;
  const leftOut = listLeftOut(cluster, options.constraints?.drained ?? new Set());
  // Where the engine keeps one degree along a chain, classes say theirs.
  const parts = listPartClasses(problemFor(cluster, options).cluster, leftOut);
  const { tensorParallel } = chooseEngine(cluster, options).engine;
  const degrees = tensorParallel === "none" ? [1] : listDegrees(parting!);
  const kept = keepParts(cluster, options.constraints);
  const build = (counts: PatternCounts): Partition =>
    kept(assignPatterns(cluster, parts.groups, counts));
  const boundOf = (partition: Partition): number => {
    const sized = sizeClasses(parts, countPatterns(parts.groups, partition));
    return truncatedSumBound(sized.classes, layers);
  };
  const free = tensorParallel !== "none";
  return {
    parts,
    layers,
    all: free ? listAllPartitions(parts.groups, MOST_LISTED) : undefined,
    uniform: degrees.map((degree) => kept(uniformPartition(parting!, degree))),
    now: partitionOf(cluster),
    build,
    boundOf,
    listNear: (partition) =>
      !free
        ? []
        : listNearPartitions(parts.groups, countPatterns(parts.groups, partition)).map(build),
  };
}
