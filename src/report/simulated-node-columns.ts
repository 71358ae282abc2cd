import { nodeId, type Cluster } from "../core/cluster.js";
import type { SimulationResult } from "../serving/simulate/result.js";
import { figures, type Column } from "./columns.js";
import { formatCount, formatPercent, formatRate, formatSeconds } from "./format-number.js";

type SimulatedNode = SimulationResult["nodes"][number];

/** What a simulation tells of a node. Waits and residence in seconds, batches and queues as means. */
export function simulatedNodeColumns(cluster: Cluster): readonly Column<SimulatedNode>[] {
  return [
    { title: "node", text: ({ node }) => nodeId(cluster, node) },
    figures("busy", ({ busy }) => busy, formatPercent),
    figures("batch", ({ meanDecodeBatch }) => meanDecodeBatch, formatRate),
    { ...figures("seen", ({ decodeBatchSeen }) => decodeBatchSeen, formatRate), extra: true },
    figures("waiting", ({ meanWaiting }) => meanWaiting, formatRate),
    figures("wait s", ({ meanWaitSeconds }) => meanWaitSeconds, formatSeconds),
    {
      ...figures("prompt s", ({ promptResidenceSeconds }) => promptResidenceSeconds, formatSeconds),
      extra: true,
    },
    figures("KV", ({ kvUse }) => kvUse, formatPercent),
    figures("KV peak", ({ kvPeak }) => kvPeak, formatPercent),
    figures("preempted", ({ preemptions }) => preemptions, formatCount),
  ];
}
