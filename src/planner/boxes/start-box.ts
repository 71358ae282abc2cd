import { tightenBox, type Branching, type IntervalBox } from "./interval-box.js";
import { machineOf } from "../../core/cluster.js";
import { findIdenticalNodes } from "../problem/node-symmetry.js";
import { mostLayers } from "../problem/node-capacity.js";
import type { PlanningProblem } from "../problem/problem.js";

/** The box of everything these nodes may hold; undefined when pins leave nothing. */
export function startBox(
  { cluster, constraints }: PlanningProblem,
  nodes: readonly number[],
  branching: Branching,
): IntervalBox | undefined {
  const { layers } = cluster.model;
  const box = Int16Array.from(
    nodes.flatMap((node) => {
      const pin = constraints.pins.get(node);
      if (pin === undefined) return [0, layers - 1, 1, mostLayers(cluster, node), 1, layers];
      const [start, end] = pin;
      return [start, start, end - start, end - start, end, end];
    }),
  );
  return tightenBox(box, branching) ? box : undefined;
}

/** How boxes of these nodes (indices into `nodes`) are halved. */
export function chooseBranching(problem: PlanningProblem, nodes: readonly number[]): Branching {
  return {
    layers: problem.cluster.model.layers,
    twins: listTwins(problem, nodes),
    weights: nodes.map((node) => Math.sqrt(mostWork(problem, node))),
  };
}

/** max_k k·T(k), layers·tokens/s. */
function mostWork({ cluster }: PlanningProblem, node: number): number {
  const { tokensPerSecond } = machineOf(cluster, node).capacity;
  return tokensPerSecond.reduce((most, rate, k) => Math.max(most, rate * (k + 1)), 0);
}

/** Pairs of neighbours among nodes that nothing tells apart, the first before the second. */
function listTwins(
  problem: PlanningProblem,
  nodes: readonly number[],
): readonly (readonly [number, number])[] {
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  return findIdenticalNodes(problem).flatMap((group) => {
    const members = group.flatMap((node) => indexOf.get(node) ?? []);
    return members.slice(1).map((member, k): [number, number] => [members[k]!, member]);
  });
}
