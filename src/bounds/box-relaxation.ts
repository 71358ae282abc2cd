import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../cluster/cluster.js";
import { createDenseFlow } from "./dense-flow.js";

/** Ranges (inclusive) of the first layer and of the number of layers of every node. */
export interface IntervalBox {
  readonly leastStart: Int32Array;
  readonly mostStart: Int32Array;
  readonly leastSize: Int32Array;
  readonly mostSize: Int32Array;
}

/** The work depends on the flow it bounds; each step takes the last one's answer. */
const WORK_STEPS = 4;

/** Upper bounds on the flow of every placement whose intervals lie in a box. */
export interface BoxRelaxation {
  bound(box: IntervalBox): number;
}

/**
 * No node passes more than the best rate of its sizes, its NIC charged the least it may be, and what all its
 * links together carry, of those that some choice of the two intervals makes legal. The least of three
 * relaxations, `nodes` being those that the boxes describe (all that may hold layers):
 * - flow: the max flow over all such links;
 * - coverage: for each layer Σ of what the nodes that may hold it pass;
 * - work: F ≤ (1/L)·Σ_i max_k k·min(T_i(k), F, what node i passes).
 * A node that stays empty carries less than one that holds anything, so boxes need not speak of it.
 * O(nodes³ + nodes · sizes).
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

  /** Per node: tokens/s that its links in and out let through at most, over all choices of the box. */
  const passed = new Float64Array(count);
  const received = new Float64Array(count);
  const sent = new Float64Array(count);
  /** Links that some choice of the box makes legal: from, to, tokens/s. */
  const tails = new Int32Array(count * count);
  const heads = new Int32Array(count * count);
  const widths = new Float64Array(count * count);
  let legalLinks = 0;

  const lastEnd = ({ mostStart, mostSize }: IntervalBox, i: number): number =>
    Math.min(layers, mostStart[i]! + mostSize[i]!);

  const listLegalLinks = (box: IntervalBox): void => {
    const { leastStart, mostStart, leastSize } = box;
    legalLinks = 0;
    for (let i = 0; i < count; i++) {
      const firstEnd = leastStart[i]! + leastSize[i]!;
      for (let j = 0; j < count; j++) {
        const width = links[i]![j]!;
        if (width === 0 || leastStart[j]! > lastEnd(box, i)) continue;
        const legal = partial ? firstEnd < lastEnd(box, j) : firstEnd <= mostStart[j]!;
        if (!legal) continue;
        tails[legalLinks] = i;
        heads[legalLinks] = j;
        widths[legalLinks] = width;
        legalLinks += 1;
      }
    }
  };

  /** What every node passes: its own best, and what its links carry given their other ends' best. */
  const limitNodes = (box: IntervalBox): void => {
    const { leastStart, leastSize } = box;
    for (let i = 0; i < count; i++) {
      const nicIn = nics[i]! / (leastStart[i] === 0 ? tokenBytes : activationBytes);
      const nicOut = nics[i]! / (lastEnd(box, i) === layers ? tokenBytes : activationBytes);
      passed[i] = Math.min(best[i]![leastSize[i]!]!, nicIn, nicOut);
    }
    for (let i = 0; i < count; i++) {
      received[i] = leastStart[i] === 0 ? entry[i]! : 0;
      sent[i] = lastEnd(box, i) === layers ? exit[i]! : 0;
    }
    for (let link = 0; link < legalLinks; link++) {
      const [i, j] = [tails[link]!, heads[link]!];
      const carried = Math.min(widths[link]!, passed[i]!, passed[j]!);
      sent[i]! += carried;
      received[j]! += carried;
    }
    for (let i = 0; i < count; i++) passed[i] = Math.min(passed[i]!, received[i]!, sent[i]!);
  };

  const loadFlow = (box: IntervalBox): void => {
    flow.clear();
    for (let i = 0; i < count; i++) {
      flow.setArc(2 * i, 2 * i + 1, passed[i]!);
      if (box.leastStart[i] === 0) flow.setArc(source, 2 * i, entry[i]!);
      if (lastEnd(box, i) === layers) flow.setArc(2 * i + 1, sink, exit[i]!);
    }
    for (let link = 0; link < legalLinks; link++)
      flow.setArc(2 * tails[link]! + 1, 2 * heads[link]!, widths[link]!);
  };

  const work = (box: IntervalBox, cap: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const limit = Math.min(cap, passed[i]!);
      let most = 0;
      for (let k = box.leastSize[i]!; k <= box.mostSize[i]!; k++)
        most = Math.max(most, k * Math.min(tables[i]![k - 1] ?? 0, limit));
      sum += most;
    }
    return sum / layers;
  };

  const coverageOf = (box: IntervalBox, layer: number): number => {
    let covered = 0;
    for (let i = 0; i < count; i++)
      if (box.leastStart[i]! <= layer && layer < lastEnd(box, i)) covered += passed[i]!;
    return covered;
  };

  /** The least over all layers: coverage falls only where a node's range ends, or is low from the start. */
  const coverage = (box: IntervalBox): number => {
    let least = Math.min(coordinator, coverageOf(box, 0));
    for (let i = 0; i < count; i++) {
      const end = lastEnd(box, i);
      if (end < layers) least = Math.min(least, coverageOf(box, end));
    }
    return least;
  };

  return {
    bound(box) {
      listLegalLinks(box);
      limitNodes(box);
      let least = coverage(box);
      for (let step = 0; step < WORK_STEPS; step++) {
        const most = work(box, least);
        if (most >= least) break;
        least = most;
      }
      loadFlow(box);
      return Math.min(least, flow.maximum(source, sink, least));
    },
  };
}
