import { machineOf, type Cluster } from "../../core/cluster.js";
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
import { createWorkCirculation, type GainCurve } from "../../math/flow/work-circulation.js";

/** What a group of nodes can do at most, whatever the rest of the cluster does. */
export interface GroupWork {
  /** Length of `prices`. */
  readonly vertices: number;
  /**
   * Most work (layers·tokens/s, Σ layers run × tokens/s over the nodes) of the group in placements that carry
   * `flow` tokens/s and whose intervals for the group lie in the box.
   * @param prices to start from, those of a box like it or 0; changed to those that prove the bound.
   */
  bound(box: IntervalBox, flow: number, prices: Float64Array): number;
}

/** The rest of the cluster, and the coordinator's ways in and out. */
const [WORLD, ENTRY, EXIT] = [0, 1, 2];
/** Curves are made anew when the flow has fallen below this share: until then those for more flow hold. */
const SAME_FLOW = 0.99;

/**
 * The least of two relaxations:
 * - the greatest gain of a circulation: from the coordinator (`flow` at most) or the world (all that the links
 *   across carry) into nodes that may take it, over links that some choice of intervals makes legal, and back. A
 *   node that y tokens/s pass gains at most the concave hull over its sizes k of k·min(T(k), y).
 * - Σ over layers of what the nodes that may hold each pass, `flow` at most. A group of all nodes must cover
 *   every layer, so that the thinnest one counts for all.
 * O(members · others) once; a bound takes tens of microseconds for five nodes.
 * @param group the nodes that the boxes describe, in their order.
 * @param others all other nodes that may hold layers.
 * @param partial whether a node may take tokens in the middle of its interval.
 */
export function createGroupWork(
  cluster: Cluster,
  group: readonly number[],
  others: readonly number[],
  partial: boolean,
): GroupWork {
  const { layers } = cluster.model;
  const count = group.length;
  const speeds = measureSpeeds(cluster);
  const top = new Map([...group, ...others].map((node) => [node, speeds.best(node)[1]!]));
  const between = (a: number, b: number): number =>
    Math.min(speeds.between(a, b), top.get(a)!, top.get(b)!);
  const tables = group.map((node) => machineOf(cluster, node).capacity.tokensPerSecond);
  const best = group.map((node) => speeds.best(node));
  const entry = group.map((node) => speeds.entry(node));
  const exit = group.map((node) => speeds.exit(node));
  const links = group.map((from) => group.map((to) => (from === to ? 0 : between(from, to))));
  const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
  const inward = group.map((node) => sum(others.map((other) => between(other, node))));
  const outward = group.map((node) => sum(others.map((other) => between(node, other))));
  const either = group.map((node) =>
    sum(others.map((other) => Math.max(between(node, other), between(other, node)))),
  );
  const circulation = createWorkCirculation(3 + 2 * count);

  /** Curves by range of sizes, for the flow they were made for. */
  const curves = group.map(() => new Map<number, GainCurve>());
  let curvesFlow = 0;
  const curveOf = (i: number, least: number, most: number): GainCurve => {
    const key = least * (layers + 1) + most;
    let curve = curves[i]!.get(key);
    if (curve === undefined) {
      curve = makeCurve(tables[i]!, least, most, curvesFlow);
      curves[i]!.set(key, curve);
    }
    return curve;
  };

  /** Σ over layers of what may cover each, as far as the flow needs it. */
  const coverage = (box: IntervalBox, flow: number): number => {
    let covered = 0;
    let layer = 0;
    let thinnest = Infinity;
    while (layer < layers) {
      let rate = 0;
      let next = layers;
      for (let i = 0; i < count; i++) {
        const [start, end] = [box[RANGES * i + LEAST_START]!, box[RANGES * i + MOST_END]!];
        if (start <= layer && layer < end) {
          rate += best[i]![box[RANGES * i + LEAST_SIZE]!]!;
          next = Math.min(next, end);
        } else if (start > layer) next = Math.min(next, start);
      }
      thinnest = Math.min(thinnest, rate);
      covered += (next - layer) * Math.min(flow, rate);
      layer = next;
    }
    // Nobody else covers what these do not.
    return others.length === 0 ? Math.min(covered, layers * thinnest) : covered;
  };

  return {
    vertices: 3 + 2 * count,
    bound(box, flow, prices) {
      if (flow > curvesFlow || flow < SAME_FLOW * curvesFlow) {
        curvesFlow = flow;
        for (const known of curves) known.clear();
      }
      circulation.clear();
      circulation.setArc(WORLD, ENTRY, Math.min(flow, speeds.coordinator));
      circulation.setArc(EXIT, WORLD, Math.min(flow, speeds.coordinator));
      for (let i = 0; i < count; i++) {
        const [inside, out] = [3 + 2 * i, 4 + 2 * i];
        const first = box[RANGES * i + LEAST_START] === 0;
        const last = box[RANGES * i + MOST_END] === layers;
        circulation.setGain(
          inside,
          out,
          curveOf(i, box[RANGES * i + LEAST_SIZE]!, box[RANGES * i + MOST_SIZE]!),
        );
        if (first) circulation.setArc(ENTRY, inside, Math.min(flow, entry[i]!));
        if (box[RANGES * i + MOST_START]! > 0 || partial)
          circulation.setArc(
            WORLD,
            inside,
            // Surely in the middle, and nobody in the group to talk to: half of its links receive.
            Math.min(flow, count === 1 && !first && !last ? either[0]! / 2 : inward[i]!),
          );
        if (last) circulation.setArc(out, EXIT, Math.min(flow, exit[i]!));
        if (box[RANGES * i + LEAST_END]! < layers)
          circulation.setArc(out, WORLD, Math.min(flow, outward[i]!));
        for (let j = 0; j < count; j++) {
          const width = links[i]![j]!;
          if (width === 0 || box[RANGES * j + LEAST_START]! > box[RANGES * i + MOST_END]!) continue;
          const legal = partial
            ? box[RANGES * i + LEAST_END]! < box[RANGES * j + MOST_END]!
            : box[RANGES * i + LEAST_END]! <= box[RANGES * j + MOST_START]!;
          if (legal) circulation.setArc(out, 3 + 2 * j, Math.min(flow, width));
        }
      }
      return Math.min(coverage(box, flow), circulation.bound(prices));
    },
  };
}

/** The hull of (x, gain) = (min(T(k), flow), k·x) over sizes, from (0, 0). */
function makeCurve(table: readonly number[], least: number, most: number, flow: number): GainCurve {
  const xs = [0];
  const gains = [0];
  let best = 0;
  for (let k = most; k >= least; k--) {
    best = Math.max(best, table[k - 1] ?? 0);
    const x = Math.min(best, flow);
    const gain = k * x;
    if (x <= xs.at(-1)!) continue;
    while (xs.length > 1) {
      const [x1, g1] = [xs.at(-1)!, gains.at(-1)!];
      const [x0, g0] = [xs.at(-2)!, gains.at(-2)!];
      if ((g1 - g0) * (x - x1) > (gain - g1) * (x1 - x0)) break;
      xs.pop();
      gains.pop();
    }
    xs.push(x);
    gains.push(gain);
  }
  const slope = xs.slice(1).map((x, s) => (gains[s + 1]! - gains[s]!) / (x - xs[s]!));
  return { x: Float64Array.from(xs), slope: Float64Array.from(slope) };
}
