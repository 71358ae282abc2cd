import { ringFactor } from "./links.js";
import { nodesByMachine } from "./node-orders.js";
import { createProfileIndex, type LatticeEdge, type LatticeState } from "./stage-lattice.js";
import type { StageLattice } from "./stage-lattice.js";
import type { Strategy } from "./strategies.js";
import type { TrainingCluster } from "./training-cluster.js";

/** A state of the lattice with the nodes behind it. */
interface CountedState extends LatticeState {
  /** Nodes of each machine type used up to and including this stage. */
  readonly used: readonly number[];
  /** Machine types of this stage's nodes, by descending NIC. */
  readonly shape: readonly number[];
}

/** Whether stages and nodes line up: equal nodes, and a stage spans whole nodes or a node whole stages. */
export function stagesAlign(cluster: TrainingCluster, strategy: Strategy): boolean {
  const gpus = cluster.machines[cluster.nodes[0]!.machine]!.gpus;
  const width = strategy.tensorParallel * strategy.dataParallel;
  const equal = cluster.nodes.every((node) => cluster.machines[node.machine]!.gpus === gpus);
  return equal && (width % gpus === 0 || gpus % width === 0);
}

/**
 * Every node order at once, for stages that align with nodes: a state is (nodes of each type used so
 * far, types of this stage's nodes). Within a stage nodes are sorted by NIC: Σ max(1/a_i, 1/b_i)
 * over paired nodes of two neighbouring stages is least when both are sorted alike, and the ring's
 * slowest link does not depend on the order, so no better order is lost.
 * States per stage: Π (n_type + 1) · shapes at most.
 * @param mostStates give up beyond that many states per stage.
 */
export function buildCountedLattice(
  cluster: TrainingCluster,
  strategy: Strategy,
  mostStates: number,
): StageLattice | undefined {
  const machines = cluster.machines;
  const available = nodesByMachine(cluster).map((nodes) => nodes.length);
  const gpus = machines[cluster.nodes[0]!.machine]!.gpus;
  const width = strategy.tensorParallel * strategy.dataParallel;
  const nodesPerStage = Math.max(1, width / gpus);
  const stagesPerNode = Math.max(1, gpus / width);
  const shapes = listShapes(cluster, nodesPerStage);
  const { profiles, indexOf } = createProfileIndex();
  const factor = ringFactor(strategy.dataParallel);
  const ring = (shape: readonly number[]): number => {
    const nics = shape.map((machine) => machines[machine]!.nicBytesPerSecond);
    const inner = shape.map((machine) => machines[machine]!.intraBytesPerSecond);
    const spread = shape.length > 1 ? nics : [];
    // A node's own links take part when a replica has a neighbour on the same node.
    const inside = strategy.tensorParallel < gpus ? inner : [];
    return factor === 0 ? 0 : factor / Math.min(...spread, ...inside);
  };
  const border = (from: readonly number[], to: readonly number[]): number =>
    from.reduce((sum, machine, position) => {
      const a = machines[machine]!.nicBytesPerSecond;
      const b = machines[to[position]!]!.nicBytesPerSecond;
      return sum + 1 / Math.min(a, b);
    }, 0) / from.length;

  const stages: CountedState[][] = [];
  for (let stage = 0; stage < strategy.stages; stage++) {
    const before = stages[stage - 1];
    if (before !== undefined && stage % stagesPerNode !== 0) {
      stages.push(before.map((state, index) => stayOnNode(cluster, state, index)));
      continue;
    }
    const found = new Map<string, CountedState & { readonly edges: LatticeEdge[] }>();
    const arrive = (used: readonly number[], shape: readonly number[], edge?: LatticeEdge) => {
      const key = `${used.join(" ")}|${shape.join(" ")}`;
      let state = found.get(key);
      if (state === undefined) {
        const ringSecondsPerByte = ring(shape);
        state = { profile: indexOf(shape), ringSecondsPerByte, edges: [], used, shape };
        found.set(key, state);
      }
      if (edge !== undefined) state.edges.push(edge);
    };
    for (const shape of shapes) {
      if (before === undefined) {
        const used = addShape(
          available.map(() => 0),
          shape,
        );
        if (used.every((n, machine) => n <= available[machine]!)) arrive(used, shape);
        continue;
      }
      before.forEach((state, index) => {
        const used = addShape(state.used, shape);
        if (!used.every((n, machine) => n <= available[machine]!)) return;
        arrive(used, shape, { state: index, secondsPerByte: border(state.shape, shape) });
      });
    }
    if (found.size > mostStates) return undefined;
    stages.push([...found.values()]);
  }
  return {
    profiles,
    stages,
    complete: true,
    orderOf: (path) => nodesAlong(cluster, stages, path, stagesPerNode),
  };
}

function stayOnNode(cluster: TrainingCluster, state: CountedState, index: number): CountedState {
  const machine = cluster.machines[state.shape[0]!]!;
  return { ...state, edges: [{ state: index, secondsPerByte: 1 / machine.intraBytesPerSecond }] };
}

/** Multisets of machine types of the given size, each sorted by descending NIC. */
function listShapes(cluster: TrainingCluster, size: number): readonly (readonly number[])[] {
  const byNic = nodesByMachine(cluster)
    .flatMap((nodes, machine) => (nodes.length > 0 ? [machine] : []))
    .sort(
      (a, b) =>
        cluster.machines[b]!.nicBytesPerSecond - cluster.machines[a]!.nicBytesPerSecond || a - b,
    );
  const extend = (shape: readonly number[], first: number): (readonly number[])[] =>
    shape.length === size
      ? [shape]
      : byNic
          .slice(first)
          .flatMap((machine, offset) => extend([...shape, machine], first + offset));
  return extend([], 0);
}

function addShape(used: readonly number[], shape: readonly number[]): readonly number[] {
  const sum = [...used];
  for (const machine of shape) sum[machine]!++;
  return sum;
}

function nodesAlong(
  cluster: TrainingCluster,
  stages: readonly (readonly CountedState[])[],
  path: readonly number[],
  stagesPerNode: number,
): readonly number[] {
  const left = nodesByMachine(cluster).map((nodes) => [...nodes]);
  return path.flatMap((state, stage) =>
    stage % stagesPerNode === 0
      ? stages[stage]![state]!.shape.map((machine) => left[machine]!.shift()!)
      : [],
  );
}
