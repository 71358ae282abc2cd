import type { RegionClass } from "../problem/machine-classes.js";
import { shuffle, type Random } from "../../core/random.js";
import type { NodeIntervals } from "../../core/placement.js";

/** Sharpness of the soft minimum, rising: first all layers count, at last only the thinnest. */
const SHARPNESS: readonly number[] = [3, 6, 12, 25, 50, 100, 200];
const SWEEPS = 3;

/**
 * Intervals that make the least covered layer as well covered as possible, by coordinate ascent: node
 * after node moves to the (layers held, start) that lowers Σ_l exp(−β·coverage_l / F), β rising. Where
 * links are wide and inference may be partial, the least coverage is the max flow. Meant for many
 * nodes over each layer, where stages need not be aligned. O(sweeps · nodes · options · L).
 * @param scale a throughput of the size expected, F above.
 */
export function coverEvenly(
  classes: readonly RegionClass[],
  layers: number,
  scale: number,
  random: Random,
  shouldStop: () => boolean,
): NodeIntervals {
  const nodes = classes.flatMap(({ nodes: members, options }) =>
    members.map((node) => ({ node, options, start: 0, layers: 0, rate: 0 })),
  );
  const coverage = new Float64Array(layers);
  const weight = new Float64Array(layers + 1);
  let best: NodeIntervals = [];
  let bestLeast = -1;
  const order = nodes.map((_, index) => index);
  for (const sharpness of SHARPNESS) {
    const beta = sharpness / scale;
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      if (best.length > 0 && shouldStop()) return best;
      shuffle(order, random);
      for (const index of order) {
        const own = nodes[index]!;
        add(coverage, own.start, own.layers, -own.rate);
        // weight[l] = Σ over the layers before l: the sum of any window is a difference.
        for (let l = 0; l < layers; l++)
          weight[l + 1] = weight[l]! + Math.exp(-beta * Math.max(0, coverage[l]!));
        let bestGain = -1;
        for (const { layers: held, rate } of own.options) {
          const share = 1 - Math.exp(-beta * rate);
          for (let start = 0; start + held <= layers; start++) {
            const gain = share * (weight[start + held]! - weight[start]!);
            if (gain <= bestGain) continue;
            bestGain = gain;
            own.start = start;
            own.layers = held;
            own.rate = rate;
          }
        }
        add(coverage, own.start, own.layers, own.rate);
      }
      const least = coverage.reduce((low, value) => Math.min(low, value), Infinity);
      if (least <= bestLeast) continue;
      bestLeast = least;
      best = nodes.map(({ node, start, layers: held }) => [node, [start, start + held]] as const);
    }
  }
  return best;
}

function add(coverage: Float64Array, start: number, layers: number, rate: number): void {
  for (let l = start; l < start + layers; l++) coverage[l]! += rate;
}
