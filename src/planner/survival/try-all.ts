import type { LayerInterval, Placement } from "../../core/placement.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";

/** Above so many placements they are not tried one by one. */
const MOST_PLACEMENTS = 200_000;
/** Looks at the clock are so many placements apart. */
const LOOK_EVERY = 256;

/**
 * Every placement of a tiny cluster, judged one by one: the best is proven, and where none carries anything, that none
 * exists. Alike nodes hold intervals in order; placements whose weakest layer is no better than the best known are passed over.
 */
export const tryAll: Strategy = (problem, context) => {
  const { cluster } = problem;
  const choices = cluster.nodes.map((_, node) => listChoices(problem, node));
  if (choices.reduce((product, { length }) => product * length, 1) > MOST_PLACEMENTS) return;
  const before = new Map<number, number>();
  for (const group of findIdenticalNodes(problem))
    for (let at = 1; at < group.length; at++) before.set(group[at]!, group[at - 1]!);
  const chosen: number[] = [];
  const coverage = new Float64Array(cluster.model.layers);
  const placement: (LayerInterval | null)[] = choices.map(() => null);
  let [looked, stopped] = [0, false];
  const visit = (node: number): void => {
    if (stopped) return;
    if (node < choices.length) {
      // Alike nodes may be swapped, so that one order of what they hold stands for all.
      const twin = before.get(node);
      for (let at = twin === undefined ? 0 : chosen[twin]!; at < choices[node]!.length; at++) {
        const interval = choices[node]![at]!;
        chosen[node] = at;
        placement[node] = interval;
        cover(interval, node, 1);
        visit(node + 1);
        cover(interval, node, -1);
      }
      return;
    }
    if (++looked % LOOK_EVERY === 0 && (looked > context.iterations || context.shouldStop())) {
      stopped = true;
      return;
    }
    const best = context.incumbent()?.throughput ?? 0;
    if (coverage.every((tokens) => tokens > best * (1 + 1e-12))) context.offer([...placement]);
  };
  function cover(interval: LayerInterval | null, node: number, sign: 1 | -1): void {
    if (interval === null) return;
    const tokens = sign * capacityOf(cluster, node, interval);
    for (let layer = interval[0]; layer < interval[1]; layer++) coverage[layer]! += tokens;
  }
  visit(0);
  if (!stopped)
    context.offerBound((context.incumbent()?.throughput ?? 0) * (1 + 1e-9), "every placement");
};

function listChoices({ cluster, constraints }: PlanningProblem, node: number): Placement {
  if (constraints.drained.has(node)) return [null];
  const pin = constraints.pins.get(node);
  if (pin !== undefined) return [pin];
  const { layers } = cluster.model;
  const choices: (LayerInterval | null)[] = [null];
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= Math.min(layers, start + mostLayers(cluster, node)); end++)
      if (capacityOf(cluster, node, [start, end]) > 0) choices.push([start, end]);
  return choices;
}
