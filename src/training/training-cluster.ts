/** A machine type as far as training is concerned. */
export interface TrainingMachine {
  readonly name: string;
  readonly gpu?: string;
  readonly gpus: number;
  /** Memory of one GPU. */
  readonly memoryBytes: number;
  /** Between two GPUs of the machine, per direction. */
  readonly intraBytesPerSecond: number;
  /** Between this machine and another, per direction (the lesser of the two counts). */
  readonly nicBytesPerSecond: number;
}

interface TrainingNode {
  readonly id: string;
  /** Index into `TrainingCluster.machines`. */
  readonly machine: number;
}

/** Machines of one region; every pair of nodes is connected through both NICs. */
export interface TrainingCluster {
  readonly machines: readonly TrainingMachine[];
  /** In the order in which ranks are dealt unless a search reorders them. */
  readonly nodes: readonly TrainingNode[];
}

export function gpuCount(cluster: TrainingCluster): number {
  return cluster.nodes.reduce((sum, node) => sum + cluster.machines[node.machine]!.gpus, 0);
}

/** Bytes per second between GPUs of two nodes: within a node its own links, else the slower NIC. */
export function linkBytesPerSecond(cluster: TrainingCluster, a: number, b: number): number {
  const from = cluster.machines[cluster.nodes[a]!.machine]!;
  const to = cluster.machines[cluster.nodes[b]!.machine]!;
  return a === b
    ? from.intraBytesPerSecond
    : Math.min(from.nicBytesPerSecond, to.nicBytesPerSecond);
}
