import type { Cluster } from "../../core/cluster.js";
import { entersAnywhere, type Engine } from "../../engines/engine.js";
import { meanRequest } from "../../model/choose-lengths.js";
import { saturatedCluster } from "../../engines/rates-under.js";
import { boundAnyParts } from "../../planner/parts/bound-any-parts.js";
import type { PlacementConstraints, PlanningProblem } from "../../planner/problem/problem.js";

/**
 * An upper bound on the decode tokens/s that any placement serves under the engine: every node at its
 * saturated rate, the layers covered by the truncated compute sum, decodes their share of the tokens.
 * Network and depth are left out, so it is valid and not always near; it holds however cards are shared out. O(60 · classes · layers).
 */
export function boundServed(
  cluster: Cluster,
  constraints: PlacementConstraints,
  engine: Engine,
): number {
  return decodeShare(cluster) * boundAnyParts(saturatedCluster(cluster, engine), constraints);
}

/** The same, and no more than the flow allows where that bounds what is served. */
export function boundBoth(
  { cluster, constraints, partialInference }: PlanningProblem,
  engine: Engine,
  flow: number,
): number {
  const byWork = boundServed(cluster, constraints, engine);
  return entersAnywhere(engine, partialInference)
    ? byWork
    : Math.min(byWork, boundByFlow(cluster, flow));
}

/** Of the tokens of a mean request, those that are decoded. */
export function decodeShare({ workload }: Cluster): number {
  const { promptTokens, outputTokens } = meanRequest(workload);
  return outputTokens / (promptTokens + outputTokens);
}

/** Where no T(k) was given, what the flow cannot exceed bounds what is served, in its share of the tokens. */
export function boundByFlow(cluster: Cluster, flow: number): number {
  const saturated = cluster.machines.every(
    ({ capacity }) => capacity.maxLayers === 0 || capacity.inMix !== undefined,
  );
  return saturated ? decodeShare(cluster) * flow : Infinity;
}
