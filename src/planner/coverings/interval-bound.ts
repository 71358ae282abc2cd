import { machineOf } from "../../core/cluster.js";
import { holdsLayers, rateOfLayers } from "../../core/interval-capacity.js";
import type { LayerInterval } from "../../core/placement.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";

/**
 * Bounds where layers differ. For any weights w ≥ 0 of the layers, Σ w = 1: every layer passes the whole
 * flow, so F = Σ_ℓ w_ℓ·F ≤ Σ_ℓ w_ℓ·Σ_{i holds ℓ} T_i = Σ_i T_i·w(its layers), and each node's term is at most
 * its largest over the intervals that it can hold. Weights: what each machine type takes for a layer, and
 * all alike. O(machine types² · L²).
 */
export const boundByIntervals: Strategy = (problem, context) => {
  const { cluster } = problem;
  const { layers } = cluster.model;
  const weightings = cluster.machines.flatMap(({ capacity }) =>
    capacity.byInterval === undefined ? [] : [capacity.byInterval.relativeSeconds],
  );
  if (weightings.length === 0) return;
  const even = Array.from({ length: layers }, () => 1);
  for (const weights of [even, ...weightings]) {
    if (context.shouldStop()) return;
    context.offerBound(weightedBound(problem, weights), "weighted work by interval");
  }
};

function weightedBound(problem: PlanningProblem, weights: readonly number[]): number {
  const { cluster, constraints } = problem;
  const upTo = [0];
  for (const weight of weights) upTo.push(upTo.at(-1)! + weight);
  const total = upTo.at(-1)!;
  const workOf = (node: number, [start, end]: LayerInterval): number => {
    const { capacity, nicBytesPerSecond } = machineOf(cluster, node);
    const whole = start === 0 && end === cluster.model.layers;
    const bytes = whole ? cluster.model.tokenBytes : cluster.model.activationBytes;
    const rate = Math.min(rateOfLayers(capacity, [start, end]), nicBytesPerSecond / bytes);
    return (rate * (upTo[end]! - upTo[start]!)) / total;
  };
  const most = new Map<number, number>();
  let sum = 0;
  cluster.nodes.forEach(({ machine }, node) => {
    if (constraints.drained.has(node)) return;
    const pin = constraints.pins.get(node);
    if (pin !== undefined) {
      sum += workOf(node, pin);
      return;
    }
    const known =
      most.get(machine) ?? mostWork(problem, node, (interval) => workOf(node, interval));
    most.set(machine, known);
    sum += known;
  });
  return sum * (1 + RELATIVE_TOLERANCE);
}

function mostWork(
  { cluster }: PlanningProblem,
  node: number,
  workOf: (interval: LayerInterval) => number,
): number {
  const { layers } = cluster.model;
  const { capacity } = machineOf(cluster, node);
  let most = 0;
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= layers && holdsLayers(capacity, [start, end]); end++)
      most = Math.max(most, workOf([start, end]));
  return most;
}
