import { OUTWARD } from "../bounds/compute-bounds.js";
import { createBoxRelaxation, type IntervalBox } from "../bounds/box-relaxation.js";
import { createMinHeap } from "../milp/min-heap.js";
import { mostLayers, usesPartialLinks } from "../milp/node-problem.js";
import type { LayerInterval, Placement } from "../placement/placement.js";
import type { PlanningProblem } from "./problem.js";
import type { Strategy } from "./strategy.js";

/** More nodes have too many boxes. */
const MOST_NODES = 10;
/** Boxes that go with one step of a finite budget. */
const BOXES_PER_STEP = 2000;
const MOST_OPEN = 400_000;
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
    const halves = halve(next.box, cluster.model.layers);
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

/** Two boxes that hold every placement of the box; undefined when it is a single one. */
function halve(box: IntervalBox, layers: number): readonly IntervalBox[] | undefined {
  const { leastStart, mostStart, leastSize, mostSize } = box;
  let widest = 0;
  let node = -1;
  let bySize = false;
  for (let i = 0; i < leastStart.length; i++) {
    const starts = (2 * (mostStart[i]! - leastStart[i]!)) / layers;
    const sizes = Math.log(mostSize[i]! / leastSize[i]!);
    if (Math.max(starts, sizes) <= widest) continue;
    widest = Math.max(starts, sizes);
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
  return halves.flatMap((half) => tidy(half, node, layers));
}

/** The box without starts and sizes that reach past the model; nothing when none is left. */
function tidy(box: IntervalBox, node: number, layers: number): readonly IntervalBox[] {
  const mostStart = Math.min(box.mostStart[node]!, layers - box.leastSize[node]!);
  const mostSize = Math.min(box.mostSize[node]!, layers - box.leastStart[node]!);
  if (mostStart < box.leastStart[node]! || mostSize < box.leastSize[node]!) return [];
  const tidied = { ...box, mostStart: box.mostStart.slice(), mostSize: box.mostSize.slice() };
  tidied.mostStart[node] = mostStart;
  tidied.mostSize[node] = mostSize;
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
