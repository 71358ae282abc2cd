import type { Cluster } from "../../core/cluster.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { UNCONSTRAINED, type PlacementConstraints } from "../problem/problem.js";

/** What a placement file was planned under that tokens must keep. Drained nodes that are gone are no matter. */
export function constraintsOf(cluster: Cluster, file: PlacementFile): PlacementConstraints {
  const { drain = [], maxDepth, chainsOnly, survive } = file.constraints ?? {};
  const indexOf = new Map(cluster.nodes.map((node, index) => [node.id, index]));
  return {
    ...UNCONSTRAINED,
    drained: new Set(drain.flatMap((id) => indexOf.get(id) ?? [])),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(chainsOnly === true ? { chainsOnly } : {}),
    ...(survive === undefined ? {} : { survive }),
  };
}
