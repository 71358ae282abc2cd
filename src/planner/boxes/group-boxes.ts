import { createGroupWork, type GroupWork } from "./group-work.js";
import { halveBox, type Branching, type IntervalBox } from "./interval-box.js";
import { createMinHeap, type MinHeap } from "../../math/flow/min-heap.js";
import { usesPartialLinks, type PlanningProblem } from "../problem/problem.js";
import type { BoxSearch } from "./box-search.js";
import { chooseBranching, startBox } from "./start-box.js";
import type { SearchContext } from "../problem/strategy.js";

/** Covers what rounding adds up to in a circulation, relative. */
const OUTWARD = 1e-7;

interface OpenBox {
  readonly box: IntervalBox;
  /** Its parent's until the box is bounded itself. */
  readonly prices: Float64Array;
  readonly bounded: boolean;
}

interface Group {
  readonly work: GroupWork;
  readonly branching: Branching;
  readonly open: MinHeap<OpenBox>;
  /** Most work of boxes that are a single choice of intervals. */
  closed: number;
}

/**
 * L·F ≤ Σ over the groups of a partition of the most work each can do, every group bounded by a branch and
 * bound of its own over the intervals of its nodes.
 */
export function searchGroups(
  problem: PlanningProblem,
  partition: readonly (readonly number[])[],
  context: SearchContext,
): BoxSearch {
  const { layers } = problem.cluster.model;
  const nodes = partition.flat();
  let flow = context.upperBound();
  const groups = partition.map((members): Group => {
    const inside = new Set(members);
    const others = nodes.filter((node) => !inside.has(node));
    const work = createGroupWork(problem.cluster, members, others, usesPartialLinks(problem));
    const branching = chooseBranching(problem, members);
    const open = createMinHeap<OpenBox>();
    const box = startBox(problem, members, branching);
    const prices = new Float64Array(work.vertices);
    if (box !== undefined) open.push(-Infinity, { box, prices, bounded: false });
    return { work, branching, open, closed: 0 };
  });
  let turn = 0;
  const takeTurn = (): Group => {
    for (;;) {
      const group = groups[turn++ % groups.length]!;
      if (isOpen(group)) return group;
    }
  };
  return {
    name: "groups of nodes",
    openBoxes: () =>
      groups.reduce((sum, group) => sum + (isOpen(group) ? group.open.size() : 0), 0),
    bound() {
      const work = groups.reduce((sum, group) => sum + mostWork(group), 0);
      return Math.max(work / layers, context.incumbent()?.throughput ?? 0);
    },
    expand() {
      flow = Math.min(flow, context.upperBound());
      expand(takeTurn(), flow);
    },
  };
}

function isOpen({ open, closed }: Group): boolean {
  return open.size() > 0 && -open.peek().key > closed;
}

function mostWork({ open, closed }: Group): number {
  return Math.max(closed, open.size() === 0 ? 0 : -open.peek().key);
}

/** Bounds the most promising box, or halves it if it is bounded: most boxes are never looked at. */
function expand(group: Group, flow: number): void {
  const { open, work, branching } = group;
  const { key, value } = open.pop();
  if (!value.bounded) {
    const prices = value.prices.slice();
    const bound = Math.min(-key, work.bound(value.box, flow, prices) * (1 + OUTWARD));
    open.push(-bound, { box: value.box, prices, bounded: true });
    return;
  }
  const halves = halveBox(value.box, branching);
  if (halves === undefined) group.closed = Math.max(group.closed, -key);
  else for (const box of halves) open.push(key, { box, prices: value.prices, bounded: false });
}
