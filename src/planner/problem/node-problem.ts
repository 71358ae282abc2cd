import { machineOf, type Cluster } from "../../core/cluster.js";
import { layerCount, type LayerInterval, type Placement } from "../../core/placement.js";

/** What the node model needs of a planning problem. */
export interface NodeProblem {
  readonly cluster: Cluster;
  readonly partialInference: boolean;
  readonly constraints: {
    readonly maxDepth?: number;
    readonly maxNodesPerStage?: number;
    readonly chainsOnly?: boolean;
    readonly pins: ReadonlyMap<number, LayerInterval>;
    readonly drained: ReadonlySet<number>;
  };
}

export interface NodeModelOptions {
  /**
   * False: the paper's rows and no others (big-M of the links' capacities, two binaries more per
   * partial link). True: the same optimum from a tighter relaxation.
   */
  readonly tightened: boolean;
  /** A proven upper bound on the throughput; used by the tightened model only. */
  readonly upperBound?: number;
}

/** Chains run every layer once: a node that starts in the middle of another's interval has no use. */
export function usesPartialLinks(problem: NodeProblem): boolean {
  return problem.partialInference && problem.constraints.chainsOnly !== true;
}

/** Tokens/s of a node when it holds the interval; 0 beyond what its machine can hold. */
export function capacityOf(cluster: Cluster, node: number, interval: LayerInterval): number {
  return machineOf(cluster, node).capacity.tokensPerSecond[layerCount(interval) - 1] ?? 0;
}

/** Most layers the node can hold. */
export function mostLayers(cluster: Cluster, node: number): number {
  const { maxLayers, tokensPerSecond } = machineOf(cluster, node).capacity;
  return Math.min(maxLayers, tokensPerSecond.length, cluster.model.layers);
}

/** The same problem with every node but `free` held where the placement has it: a neighbourhood. */
export function fixNodes<P extends NodeProblem>(
  problem: P,
  placement: Placement,
  free: ReadonlySet<number>,
): P {
  const pins = new Map(problem.constraints.pins);
  const drained = new Set(problem.constraints.drained);
  placement.forEach((interval, node) => {
    if (free.has(node)) return;
    if (interval === null) drained.add(node);
    else pins.set(node, interval);
  });
  return { ...problem, constraints: { ...problem.constraints, pins, drained } };
}
