import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../cluster/cluster.js";
import { createDenseFlow } from "./dense-flow.js";

/** Ranges (inclusive) of the first layer and of the number of layers of every node. */
export interface IntervalBox {
  readonly leastStart: Int32Array;
  readonly mostStart: Int32Array;
  readonly leastSize: Int32Array;
  readonly mostSize: Int32Array;
}

/** Upper bounds on the flow of every placement whose intervals lie in a box. */
export interface BoxRelaxation {
  bound(box: IntervalBox): number;
}

/**
 * The least of three relaxations, `nodes` being those that the boxes describe (all that may hold layers):
 * - flow: every node with the best rate of its sizes, every link that some choice of the two intervals
 *   makes legal, every NIC charged the least it may be;
 * - coverage: for each layer Σ rates over the nodes that may hold it;
 * - work: F ≤ (1/L)·Σ_i max_k k·min(T_i(k), F).
 * A node that stays empty carries less than one that holds anything, so boxes need not speak of it.
 * O(nodes³ + nodes · (L + sizes)).
 */
export function createBoxRelaxation(
  cluster: Cluster,
  nodes: readonly number[],
  partial: boolean,
): BoxRelaxation {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const count = nodes.length;
  const width = (from: number, to: number, bytes: number): number =>
    (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
  const tables = nodes.map((node) => machineOf(cluster, node).capacity.tokensPerSecond);
  /** Best rate with so many layers or more; T need not fall. */
  const best = tables.map((table) => {
    const most = new Float64Array(layers + 2);
    for (let k = layers; k >= 1; k--) most[k] = Math.max(most[k + 1]!, table[k - 1] ?? 0);
    return most;
  });
  const nics = nodes.map((node) => machineOf(cluster, node).nicBytesPerSecond);
  const entry = nodes.map((node) => width(COORDINATOR, node, tokenBytes));
  const exit = nodes.map((node) => width(node, COORDINATOR, tokenBytes));
  const links = nodes.map((from, i) =>
    nodes.map((to, j) =>
      i === j
        ? 0
        : Math.min(
            width(from, to, activationBytes),
            Math.min(nics[i]!, nics[j]!) / activationBytes,
          ),
    ),
  );
  const coordinator = cluster.coordinator.nicBytesPerSecond / tokenBytes;
  const flow = createDenseFlow(2 * count + 2);
  const [source, sink] = [2 * count, 2 * count + 1];

  const work = (box: IntervalBox, cap: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      let most = 0;
      for (let k = box.leastSize[i]!; k <= box.mostSize[i]!; k++)
        most = Math.max(most, k * Math.min(tables[i]![k - 1] ?? 0, cap));
      sum += most;
    }
    return sum / layers;
  };

  return {
    bound(box) {
      const { leastStart, mostStart, leastSize, mostSize } = box;
      const lastEnd = (i: number): number => Math.min(layers, mostStart[i]! + mostSize[i]!);
      let least = coordinator;
      for (let layer = 0; layer < layers; layer++) {
        let covered = 0;
        for (let i = 0; i < count; i++)
          if (leastStart[i]! <= layer && layer < lastEnd(i)) covered += best[i]![leastSize[i]!]!;
        least = Math.min(least, covered);
      }
      for (let step = 0; step < 4; step++) least = Math.min(least, work(box, least));
      flow.clear();
      for (let i = 0; i < count; i++) {
        const starts = leastStart[i] === 0;
        const ends = lastEnd(i) === layers;
        const nicIn = nics[i]! / (starts ? tokenBytes : activationBytes);
        const nicOut = nics[i]! / (ends ? tokenBytes : activationBytes);
        flow.setArc(2 * i, 2 * i + 1, Math.min(best[i]![leastSize[i]!]!, nicIn, nicOut));
        if (starts) flow.setArc(source, 2 * i, entry[i]!);
        if (ends) flow.setArc(2 * i + 1, sink, exit[i]!);
        const firstEnd = leastStart[i]! + leastSize[i]!;
        for (let j = 0; j < count; j++) {
          if (links[i]![j] === 0 || leastStart[j]! > lastEnd(i)) continue;
          const legal = partial ? firstEnd < lastEnd(j) : firstEnd <= mostStart[j]!;
          if (legal) flow.setArc(2 * i + 1, 2 * j, links[i]![j]!);
        }
      }
      return Math.min(least, flow.maximum(source, sink, least));
    },
  };
}
