import type { Cluster } from "../../core/cluster.js";
import type { Engine } from "../../engines/engine.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { saturatedCluster } from "../../engines/rates-under.js";
import { truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import { groupMachines } from "../../planner/problem/machine-classes.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";

/**
 * An upper bound on the decode tokens/s that any placement serves under the engine: every node at its
 * saturated rate, the layers covered by the truncated compute sum, decodes their share of the tokens.
 * Network and depth are left out, so it is valid and not always near. O(60 · classes · layers).
 */
export function boundServed(
  cluster: Cluster,
  constraints: PlacementConstraints,
  engine: Engine,
): number {
  const classes = groupMachines(saturatedCluster(cluster, engine), constraints);
  return decodeShare(cluster) * truncatedSumBound(classes, cluster.model.layers);
}

/** Of the tokens of a mean request, those that are decoded. */
function decodeShare({ workload }: Cluster): number {
  const { promptTokens, outputTokens } = meanRequest(workload);
  return outputTokens / (promptTokens + outputTokens);
}
