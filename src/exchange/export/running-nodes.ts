import { machineOf } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import type { ExportRequest } from "./outcome.js";

/** A node that carries flow. */
export interface RunningNode {
  readonly id: string;
  /** Index into `Cluster.nodes`. */
  readonly index: number;
  /** What it holds. */
  readonly layers: LayerInterval;
  readonly gpus: number;
  readonly kvCacheTokens?: number;
}

/** The nodes that some pipeline passes through, in the cluster's order. */
export function listRunning({ cluster, file }: ExportRequest): readonly RunningNode[] {
  const used = new Set(file.pipelines.flatMap(({ stages }) => stages.map(({ node }) => node)));
  const byId = new Map(file.nodes.map((node) => [node.id, node]));
  return cluster.nodes.flatMap(({ id }, index): RunningNode[] => {
    const entry = byId.get(id);
    if (!used.has(id) || entry === undefined || entry.layers === null) return [];
    const { layers, kvCacheTokens } = entry;
    return [
      {
        id,
        index,
        layers,
        gpus: machineOf(cluster, index).gpus,
        ...(kvCacheTokens === undefined ? {} : { kvCacheTokens }),
      },
    ];
  });
}
