import { machineOf, type Cluster, type MemoryShares } from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import type { LayerInterval } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { apportion } from "./apportion.js";
import type { Refused } from "./outcome.js";
import { findPartial, findShared, NOTHING_FLOWS } from "./pipeline-runs.js";

/** A stage of a chain: one node, with the layers it runs. */
interface ChainStage {
  readonly id: string;
  readonly layers: LayerInterval;
  /** Machine type. */
  readonly machine: string;
  /** Name of its card, where the cluster file gives it. */
  readonly gpu?: string;
  /** GPUs that work as one (tensor parallel). */
  readonly gpus: number;
  /** What an engine may use of the cards' memory, where the card is known. */
  readonly memory?: MemoryShares;
  readonly lacksBf16: boolean;
  /** Index into `Cluster.nodes`. */
  readonly node: number;
  /** Index into `Cluster.regions`. */
  readonly region: number;
}

/** A pipeline that shares no node with another: one engine. */
export interface Chain {
  /** `chain-1`, `chain-2`, …, strongest first. */
  readonly name: string;
  /** Tokens/s. */
  readonly flow: number;
  /** Integer share of the requests. */
  readonly weight: number;
  readonly stages: readonly ChainStage[];
  /** Tokens whose KV fits: the least over the stages, where all are known. */
  readonly kvCacheTokens?: number;
  /** Most sequences at once: the least over the stages, where any is known. */
  readonly maxBatch?: number;
}

/** What each chain serves at full load, in a unit of its own, by the id of its first node. */
export type ServedByChain = ReadonlyMap<string, number>;

/** What the weights of all chains sum to, unless there are very many. */
const WEIGHT_TOTAL = 1000;
const LEAST_TOTAL_PER_CHAIN = 10;

/**
 * The chains of a placement whose pipelines share no node. A node that runs only the end of what it
 * holds stands for the layers it runs.
 * Otherwise the nodes and layers in the way. Linear in the stages.
 */
export function extractChains(
  cluster: Cluster,
  file: PlacementFile,
  served?: ServedByChain,
): { readonly kind: "chains"; readonly chains: readonly Chain[] } | Refused {
  const refusals = [...findShared(file), ...findPartial(cluster, file)];
  if (file.pipelines.length === 0) refusals.push(NOTHING_FLOWS);
  if (refusals.length > 0) return { kind: "refused", refusals };
  const indexById = new Map(cluster.nodes.map(({ id }, index) => [id, index]));
  const byId = new Map(file.nodes.map((node) => [node.id, node]));
  const sorted = [...file.pipelines].sort((a, b) => b.flow - a.flow);
  const chains = sorted.map(({ flow, stages }, order): Chain => {
    const nodes = stages.map(({ node }) => byId.get(node));
    const kv = nodes.map((node) => node?.kvCacheTokens ?? NaN);
    const batches = nodes.flatMap((node) => (node?.maxBatch === undefined ? [] : [node.maxBatch]));
    return {
      name: `chain-${order + 1}`,
      flow,
      weight: 0,
      stages: stages.map(({ node: id, layers }): ChainStage => {
        const index = indexById.get(id);
        if (index === undefined) throw new BugError(`export: node ${id} is not in the cluster`);
        const { name: machine, gpu, gpus, memory, lacksBf16 = false } = machineOf(cluster, index);
        return {
          id,
          layers,
          machine,
          ...(gpu === undefined ? {} : { gpu }),
          gpus,
          ...(memory === undefined ? {} : { memory }),
          lacksBf16,
          node: index,
          region: cluster.nodes[index]!.region,
        };
      }),
      ...(kv.some(Number.isNaN) ? {} : { kvCacheTokens: Math.min(...kv) }),
      ...(batches.length === 0 ? {} : { maxBatch: Math.min(...batches) }),
    };
  });
  return { kind: "chains", chains: weighChains(chains, served) };
}

/** The chains with weights by what they serve, where that is known of all, else by their flows, as integers. */
export function weighChains(chains: readonly Chain[], served?: ServedByChain): readonly Chain[] {
  const rates = chains.map(({ stages }) => served?.get(stages[0]!.id) ?? 0);
  const known = rates.every((rate) => rate > 0);
  const weights = apportion(
    known ? rates : chains.map(({ flow }) => flow),
    Math.max(WEIGHT_TOTAL, LEAST_TOTAL_PER_CHAIN * chains.length),
  );
  return chains.map((chain, order) => ({ ...chain, weight: weights[order]! }));
}

/** Layers per stage, in order. */
export function countLayers(chain: Chain): readonly number[] {
  return chain.stages.map(({ layers: [start, end] }) => end - start);
}
