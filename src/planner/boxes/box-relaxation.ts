import { machineOf, type Cluster } from "../../core/cluster.js";
import { createDenseFlow } from "../../math/flow/dense-flow.js";
import {
  LEAST_END,
  LEAST_SIZE,
  LEAST_START,
  MOST_END,
  MOST_SIZE,
  MOST_START,
  RANGES,
  type IntervalBox,
} from "./interval-box.js";
import { measureSpeeds } from "./node-speeds.js";

/** The work depends on the flow it bounds; each step takes the last one's answer. */
const WORK_STEPS = 4;
/** What a node's links carry depends on what their other ends pass. */
const LINK_ROUNDS = 2;

/** Upper bounds on the flow of every placement whose intervals lie in a box. */
export interface BoxRelaxation {
  bound(box: IntervalBox): number;
}

/**
 * No node passes more than the best rate of its sizes, its NIC charged the least it may be, and, unless it
 * holds the whole model, what all its links together carry, of those that some choice of the two intervals makes
 * legal: links in or links out, as it may be the first or the last of its tokens' way but not both. The least of three
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
  const speeds = measureSpeeds(cluster);
  const best = nodes.map((node) => speeds.best(node));
  /** max k·T(k) over sizes from a to b, at `a * (layers + 1) + b`; per machine. */
  const mostWork = new Map(
    nodes.map((node) => [
      machineOf(cluster, node),
      listMostWork(machineOf(cluster, node).capacity.tokensPerSecond, layers),
    ]),
  );
  const works = nodes.map((node) => mostWork.get(machineOf(cluster, node))!);
  /** max over sizes of k·min(T(k), limit): the largest size that passes the limit, or a larger one below it. */
  const mostWorkOf = (i: number, least: number, last: number, limit: number): number => {
    if (least > last) return 0;
    const rates = best[i]!;
    let [low, high] = [least - 1, last];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rates[middle]! >= limit) low = middle;
      else high = middle - 1;
    }
    const wide = low >= least ? low * limit : 0;
    return low < last ? Math.max(wide, works[i]![(low + 1) * (layers + 1) + last]!) : wide;
  };
  const nics = nodes.map((node) => machineOf(cluster, node).nicBytesPerSecond);
  const entry = nodes.map((node) => speeds.entry(node));
  const exit = nodes.map((node) => speeds.exit(node));
  const links = nodes.map((from) =>
    nodes.map((to) => (from === to ? 0 : speeds.between(from, to))),
  );
  const flow = createDenseFlow(2 * count + 2);
  const [source, sink] = [2 * count, 2 * count + 1];

  /** Per node: tokens/s that its links in and out let through at most, over all choices of the box. */
  const passed = new Float64Array(count);
  /** The same if it does not hold the whole model, so that links lead to it or from it. */
  const parted = new Float64Array(count);
  const received = new Float64Array(count);
  const sent = new Float64Array(count);
  /** Links that some choice of the box makes legal: from, to, tokens/s. */
  const tails = new Int32Array(count * count);
  const heads = new Int32Array(count * count);
  const widths = new Float64Array(count * count);
  let legalLinks = 0;

  const listLegalLinks = (box: IntervalBox): void => {
    legalLinks = 0;
    for (let i = 0; i < count; i++) {
      const firstEnd = box[RANGES * i + LEAST_END]!;
      const lastEnd = box[RANGES * i + MOST_END]!;
      for (let j = 0; j < count; j++) {
        const width = links[i]![j]!;
        if (width === 0 || box[RANGES * j + LEAST_START]! > lastEnd) continue;
        const legal = partial
          ? firstEnd < box[RANGES * j + MOST_END]!
          : firstEnd <= box[RANGES * j + MOST_START]!;
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
    for (let i = 0; i < count; i++) {
      const nicIn = nics[i]! / (box[RANGES * i + LEAST_START] === 0 ? tokenBytes : activationBytes);
      const nicOut =
        nics[i]! / (box[RANGES * i + MOST_END] === layers ? tokenBytes : activationBytes);
      passed[i] = Math.min(best[i]![box[RANGES * i + LEAST_SIZE]!]!, nicIn, nicOut);
    }
    for (let round = 0; round < LINK_ROUNDS; round++) {
      received.fill(0);
      sent.fill(0);
      for (let link = 0; link < legalLinks; link++) {
        const [i, j] = [tails[link]!, heads[link]!];
        const carried = Math.min(widths[link]!, passed[i]!, passed[j]!);
        sent[i]! += carried;
        received[j]! += carried;
      }
      for (let i = 0; i < count; i++) {
        const first = box[RANGES * i + LEAST_START] === 0;
        const last = box[RANGES * i + MOST_END] === layers;
        const entered = first ? entry[i]! + received[i]! : 0;
        const whole = last ? Math.min(entered, exit[i]!, best[i]![layers]!) : 0;
        const asFirst = Math.min(entered, sent[i]!);
        const asLast = last ? Math.min(received[i]!, exit[i]!) : 0;
        const inside = Math.min(received[i]!, sent[i]!);
        parted[i] = Math.min(passed[i]!, Math.max(asFirst, asLast, inside));
        passed[i] = Math.min(passed[i]!, Math.max(whole, parted[i]!));
      }
    }
  };

  const loadFlow = (box: IntervalBox): void => {
    flow.clear();
    for (let i = 0; i < count; i++) {
      flow.setArc(2 * i, 2 * i + 1, passed[i]!);
      if (box[RANGES * i + LEAST_START] === 0) flow.setArc(source, 2 * i, entry[i]!);
      if (box[RANGES * i + MOST_END] === layers) flow.setArc(2 * i + 1, sink, exit[i]!);
    }
    for (let link = 0; link < legalLinks; link++)
      flow.setArc(2 * tails[link]! + 1, 2 * heads[link]!, widths[link]!);
  };

  const work = (box: IntervalBox, cap: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const limit = Math.min(cap, parted[i]!);
      const last = box[RANGES * i + MOST_SIZE]!;
      let most = mostWorkOf(i, box[RANGES * i + LEAST_SIZE]!, Math.min(last, layers - 1), limit);
      if (last === layers)
        most = Math.max(most, layers * Math.min(best[i]![layers]!, cap, passed[i]!));
      sum += most;
    }
    return sum / layers;
  };

  const coverageOf = (box: IntervalBox, layer: number): number => {
    let covered = 0;
    for (let i = 0; i < count; i++)
      if (box[RANGES * i + LEAST_START]! <= layer && layer < box[RANGES * i + MOST_END]!)
        covered += passed[i]!;
    return covered;
  };

  /** The least over all layers: coverage falls only where a node's range ends, or is low from the start. */
  const coverage = (box: IntervalBox): number => {
    let least = Math.min(speeds.coordinator, coverageOf(box, 0));
    for (let i = 0; i < count; i++) {
      const end = box[RANGES * i + MOST_END]!;
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

/** max k·T(k) over every range of sizes. O(layers²). */
function listMostWork(table: readonly number[], layers: number): Float64Array {
  const most = new Float64Array((layers + 1) * (layers + 1));
  for (let a = 1; a <= layers; a++)
    for (let b = a, work = 0; b <= layers; b++) {
      work = Math.max(work, b * (table[b - 1] ?? 0));
      most[a * (layers + 1) + b] = work;
    }
  return most;
}
