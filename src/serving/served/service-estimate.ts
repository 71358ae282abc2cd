import { clusterAsHeld } from "../../core/cluster-as-held.js";
import { machineOf, type Cluster } from "../../core/cluster.js";
import type { GoodputEstimate, GoodputModel } from "./steady-state.js";
import { evaluateNetwork } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../planner/problem/problem.js";
import { openGoodputModel } from "./goodput-search.js";

const BATCHING = "layerwise";

/**
 * What a placement serves by the steady-state model: goodput and mean latencies at full load.
 * Undefined where a machine has no timing curves, or nothing is served.
 */
export function estimateService(
  whole: Cluster,
  placement: Placement,
  partialInference: boolean,
): PlacementFile["estimate"] {
  const cluster = clusterAsHeld(whole, placement);
  if (cluster.nodes.some((_, node) => machineOf(cluster, node).capacity.curves === undefined)) {
    return undefined;
  }
  const model = openGoodputModel(cluster, BATCHING);
  const served = estimate(cluster, placement, partialInference, model);
  if (served === undefined) return undefined;
  return {
    decodeThroughput: served.decodeTokensPerSecond,
    promptLatency: served.timeToFirstToken.mean,
    decodeLatency: served.timePerOutputToken.mean,
    concurrency: served.concurrency,
    method: `steady-state model, ${BATCHING} batching, as many requests as the KV caches allow`,
  };
}

function estimate(
  cluster: Cluster,
  placement: Placement,
  partialInference: boolean,
  model: GoodputModel,
): GoodputEstimate | undefined {
  const problem = { cluster, partialInference, constraints: UNCONSTRAINED };
  const network = buildOpenNetwork(problem, placement);
  const served = model.estimate(placement, evaluateNetwork(cluster, placement, network).links);
  const finite = [served.decodeTokensPerSecond, served.timeToFirstToken.mean, served.concurrency];
  return served.decodeTokensPerSecond > 0 && finite.every(Number.isFinite) ? served : undefined;
}
