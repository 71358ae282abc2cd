import { clusterAsHeld } from "../../core/cluster-as-held.js";
import { machineOf, type Cluster } from "../../core/cluster.js";
import type { GoodputEstimate, GoodputModel } from "./steady-state.js";
import { evaluateNetwork } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import type { Capacity } from "../../core/capacity.js";
import { kvCapacityTokens } from "../../engines/node-limits.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { buildOpenNetwork } from "../../planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../planner/problem/problem.js";
import { GIGA } from "../../core/units.js";
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

/** What one GB more for KV on every node of a machine type is worth, by the steady-state model. */
export interface MemoryValue {
  readonly what: string;
  /** Nodes of that type. */
  readonly nodes: number;
  /** Decode tokens/s served. */
  readonly goodput: number;
  readonly gain: number;
  /** Requests under way. */
  readonly concurrencyGain: number;
}

/**
 * What one GB (10⁹ bytes) more for KV on every node of a machine type is worth, placement unchanged:
 * the steady-state model solved again. Most goodput first; empty where nothing can be estimated.
 */
export function valueMemory(
  cluster: Cluster,
  placement: Placement,
  partialInference: boolean,
): readonly MemoryValue[] {
  const before = estimateService(cluster, placement, partialInference);
  if (before === undefined) return [];
  const used = [...new Set(cluster.nodes.map(({ machine }) => machine))];
  const limited = used.filter((machine) =>
    Number.isFinite(kvCapacityTokens(cluster.machines[machine]!.capacity, 1)),
  );
  return limited
    .flatMap((machine): MemoryValue[] => {
      const machines = cluster.machines.map((own, index) =>
        index === machine ? { ...own, capacity: addMemory(cluster, own.capacity) } : own,
      );
      const after = estimateService({ ...cluster, machines }, placement, partialInference);
      if (after === undefined) return [];
      return [
        {
          what: `1 GB of KV on every ${cluster.machines[machine]!.name}`,
          nodes: cluster.nodes.filter((node) => node.machine === machine).length,
          goodput: after.decodeThroughput,
          gain: after.decodeThroughput - before.decodeThroughput,
          concurrencyGain: after.concurrency - before.concurrency,
        },
      ];
    })
    .toSorted((a, b) => b.gain - a.gain);
}

function addMemory({ model }: Cluster, capacity: Capacity): Capacity {
  const kvCacheTokens = capacity.tokensPerSecond.map((_, index) => {
    const more = Math.floor(GIGA / ((index + 1) * model.kvBytesPerToken));
    return kvCapacityTokens(capacity, index + 1) + more;
  });
  return { ...capacity, kvCacheTokens };
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
