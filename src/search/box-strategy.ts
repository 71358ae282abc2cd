import { OUTWARD } from "../bounds/compute-bounds.js";
import { createBoxRelaxation, type IntervalBox } from "../bounds/box-relaxation.js";
import { findIdenticalNodes } from "../milp/node-symmetry.js";
import { machineOf } from "../cluster/cluster.js";
import { createMinHeap } from "../milp/min-heap.js";
import { mostLayers, usesPartialLinks } from "../milp/node-problem.js";
import type { LayerInterval, Placement } from "../placement/placement.js";
import type { PlanningProblem } from "./problem.js";
import type { Strategy } from "./strategy.js";

/** More nodes have too many boxes. */
const MOST_NODES = 10;
/** Boxes that go with one step of a finite budget. */
const BOXES_PER_STEP = 2000;
const MOST_OPEN = 1_000_000;
const POLL_BOXES = 64;
/** A box that promises no more than this above the incumbent is closed, relative. */
const LEAST_GAIN = 1e-5;

interface OpenBox {
  readonly box: IntervalBox;
  readonly bound: number;
}

/**
 * Branch and bound over the intervals of a few nodes, best bound first: a box of starts and sizes is
 * bounded by {@link createBoxRelaxation}, which sees every link, and halved where it is widest. A box of a
 * single placement is offered. What is left open bounds the throughput of every placement.
 */
export const boxStrategy: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const nodes = [...cluster.nodes.keys()].filter(
    (node) => !constraints.drained.has(node) && mostLayers(cluster, node) > 0,
  );
  if (nodes.length === 0 || nodes.length > MOST_NODES) return;
  const branching: Branching = {
    layers: cluster.model.layers,
    twins: listTwins(problem, nodes),
    weights: nodes.map((node) => Math.sqrt(mostWork(problem, node))),
  };
  const relaxation = createBoxRelaxation(cluster, nodes, usesPartialLinks(problem));
  const open = createMinHeap<OpenBox>();
  const known = (): number => context.incumbent()?.throughput ?? 0;
  /** The best bound of boxes that are closed though they promised more. */
  let closed = 0;
  const admit = (box: IntervalBox, most: number): void => {
    const bound = Math.min(most, relaxation.bound(box) * (1 + OUTWARD));
    if (bound <= known() * (1 + LEAST_GAIN)) {
      closed = Math.max(closed, bound);
      return;
    }
    open.push(-bound, { box, bound });
  };
  admit(wholeBox(problem, nodes), context.upperBound());
  const most = BOXES_PER_STEP * context.iterations;
  for (let boxes = 0; boxes < most && open.size() < MOST_OPEN; boxes++) {
    if (open.size() === 0) {
      context.offerBound(Math.max(closed, known()), "interval boxes");
      return;
    }
    const next = open.pop().value;
    if (boxes % POLL_BOXES === 0) {
      context.offerBound(Math.max(next.bound, closed, known()), "interval boxes");
      if (context.shouldStop()) return;
    }
    const halves = halve(next.box, branching);
    if (halves === undefined) {
      context.offer(placementOf(next.box, nodes, problem));
      closed = Math.max(closed, next.bound);
      continue;
    }
    for (const half of halves) admit(half, next.bound);
  }
};

function wholeBox(
  { cluster, constraints }: PlanningProblem,
  nodes: readonly number[],
): IntervalBox {
  const { layers } = cluster.model;
  const pins = nodes.map((node) => constraints.pins.get(node));
  return {
    leastStart: Int32Array.from(pins, (pin) => pin?.[0] ?? 0),
    mostStart: Int32Array.from(pins, (pin) => pin?.[0] ?? layers - 1),
    leastSize: Int32Array.from(pins, (pin) => (pin === undefined ? 1 : pin[1] - pin[0])),
    mostSize: Int32Array.from(pins, (pin, i) =>
      pin === undefined ? mostLayers(cluster, nodes[i]!) : pin[1] - pin[0],
    ),
  };
}

interface Branching {
  readonly layers: number;
  /** Pairs of neighbours among nodes that nothing tells apart, the first to start before the second. */
  readonly twins: readonly (readonly [number, number])[];
  /** What the width of a node's ranges counts for: much for a strong node. */
  readonly weights: readonly number[];
}

/** max_k k·T(k), layers·tokens/s. */
function mostWork({ cluster }: PlanningProblem, node: number): number {
  const { tokensPerSecond } = machineOf(cluster, node).capacity;
  return tokensPerSecond.reduce((most, rate, k) => Math.max(most, rate * (k + 1)), 0);
}

/** Pairs of neighbours (indices into `nodes`) among nodes that nothing tells apart, the first before the second. */
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

/**
 * Two boxes that hold every placement of the box, up to the names of twins; undefined when it is a
 * single one.
 */
function halve(box: IntervalBox, branching: Branching): readonly IntervalBox[] | undefined {
  const { layers, weights } = branching;
  const { leastStart, mostStart, leastSize, mostSize } = box;
  let widest = 0;
  let node = -1;
  let bySize = false;
  for (let i = 0; i < leastStart.length; i++) {
    const starts = (2 * (mostStart[i]! - leastStart[i]!)) / layers;
    const sizes = Math.log(mostSize[i]! / leastSize[i]!);
    const width = Math.max(starts, sizes) * weights[i]!;
    if (width <= widest) continue;
    widest = width;
    node = i;
    bySize = sizes >= starts;
  }
  if (node < 0) return undefined;
  const [least, most] = bySize ? [leastSize, mostSize] : [leastStart, mostStart];
  const middle = bySize
    ? Math.min(most[node]! - 1, Math.floor(Math.sqrt(least[node]! * most[node]!)))
    : (least[node]! + most[node]!) >> 1;
  const lower = most.slice();
  lower[node] = middle;
  const upper = least.slice();
  upper[node] = middle + 1;
  const halves = bySize
    ? [
        { ...box, mostSize: lower },
        { ...box, leastSize: upper },
      ]
    : [
        { ...box, mostStart: lower },
        { ...box, leastStart: upper },
      ];
  return halves.flatMap((half) => tidy(half, node, branching));
}

/**
 * The box without starts and sizes that reach past the model, and without starts that put a node
 * before its twin; nothing when none is left.
 */
function tidy(
  box: IntervalBox,
  node: number,
  { layers, twins }: Branching,
): readonly IntervalBox[] {
  const mostStart = Math.min(box.mostStart[node]!, layers - box.leastSize[node]!);
  const mostSize = Math.min(box.mostSize[node]!, layers - box.leastStart[node]!);
  if (mostStart < box.leastStart[node]! || mostSize < box.leastSize[node]!) return [];
  const tidied = {
    leastStart: box.leastStart.slice(),
    mostStart: box.mostStart.slice(),
    leastSize: box.leastSize,
    mostSize: box.mostSize.slice(),
  };
  tidied.mostStart[node] = mostStart;
  tidied.mostSize[node] = mostSize;
  for (const [a, b] of twins)
    tidied.leastStart[b] = Math.max(tidied.leastStart[a]!, tidied.leastStart[b]!);
  for (const [a, b] of twins.toReversed())
    tidied.mostStart[a] = Math.min(tidied.mostStart[a]!, tidied.mostStart[b]!);
  if (twins.some((pair) => pair.some((i) => tidied.leastStart[i]! > tidied.mostStart[i]!)))
    return [];
  return [tidied];
}

function placementOf(
  { leastStart, leastSize }: IntervalBox,
  nodes: readonly number[],
  { cluster }: PlanningProblem,
): Placement {
  const intervals: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  nodes.forEach((node, i) => {
    intervals[node] = [leastStart[i]!, leastStart[i]! + leastSize[i]!];
  });
  return intervals;
}
