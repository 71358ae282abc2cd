import type { LayerInterval, Placement } from "../../core/placement.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import { isLegal } from "../problem/measure-flow.js";
import type { PlanningProblem } from "../problem/problem.js";

/** What is left of a running placement here: pins hold, what is drained or has grown too large for its machine is empty. */
export function keepRunning(problem: PlanningProblem, held: Placement): Placement {
  const { cluster, constraints } = problem;
  return held.map((interval, node) => {
    const pin = constraints.pins.get(node);
    if (pin !== undefined) return pin;
    if (interval === null || constraints.drained.has(node)) return null;
    return capacityOf(cluster, node, interval) > 0 ? interval : null;
  });
}

/**
 * What a careful person would do: all keep what they hold, and each layer that nobody holds goes to the node
 * that lets the weakest layer keep most, beside what it holds or, where it holds nothing, alone.
 * @returns undefined where nobody can take what is missing. O(missing layers · nodes · layers).
 */
export function repairByHand(problem: PlanningProblem, kept: Placement): Placement | undefined {
  const { layers } = problem.cluster.model;
  const placement = [...kept];
  const coverage = new Float64Array(layers);
  placement.forEach((interval, node) => cover(problem, coverage, node, interval, 1));
  for (;;) {
    const missing = [...coverage.keys()].filter((layer) => coverage[layer]! <= 0);
    if (missing.length === 0) break;
    let best: { node: number; interval: LayerInterval; worth: number } | undefined;
    placement.forEach((interval, node) => {
      for (const wider of widen(problem, node, interval, missing)) {
        if (capacityOf(problem.cluster, node, wider) <= 0) continue;
        const worth = weakestAfter(problem, coverage, node, interval, wider);
        if (best === undefined || worth > best.worth) best = { node, interval: wider, worth };
      }
    });
    if (best === undefined) return undefined;
    cover(problem, coverage, best.node, placement[best.node]!, -1);
    placement[best.node] = best.interval;
    cover(problem, coverage, best.node, best.interval, 1);
  }
  return isLegal(problem, placement) ? placement : undefined;
}

function widen(
  { cluster, constraints }: PlanningProblem,
  node: number,
  interval: LayerInterval | null,
  missing: readonly number[],
): readonly LayerInterval[] {
  if (constraints.pins.has(node) || constraints.drained.has(node)) return [];
  const room = mostLayers(cluster, node) - (interval === null ? 0 : interval[1] - interval[0]);
  if (room < 1) return [];
  if (interval === null) return missing.map((layer) => [layer, layer + 1]);
  const [start, end] = interval;
  return missing.flatMap((layer): LayerInterval[] =>
    layer === start - 1 ? [[layer, end]] : layer === end ? [[start, layer + 1]] : [],
  );
}

function cover(
  { cluster }: PlanningProblem,
  coverage: Float64Array,
  node: number,
  interval: LayerInterval | null,
  sign: 1 | -1,
): void {
  if (interval === null) return;
  const tokens = sign * capacityOf(cluster, node, interval);
  for (let layer = interval[0]; layer < interval[1]; layer++) coverage[layer]! += tokens;
}

/** Tokens/s of the weakest layer that is held at all, after the node has changed. */
function weakestAfter(
  problem: PlanningProblem,
  coverage: Float64Array,
  node: number,
  before: LayerInterval | null,
  after: LayerInterval,
): number {
  const changed = coverage.slice();
  cover(problem, changed, node, before, -1);
  cover(problem, changed, node, after, 1);
  return changed.reduce(
    (least, tokens) => (tokens > 0 ? Math.min(least, tokens) : least),
    Infinity,
  );
}
