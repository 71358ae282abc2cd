import { detectRegions } from "../graph/region-detection.js";
import type { BoxSearch } from "./box-search.js";
import { searchGroups } from "./group-boxes.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listUsableNodes } from "../problem/strategy-needs.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";
import { searchNearBound } from "./near-sweeps.js";
import { searchSweeps } from "./sweep-search.js";
import { searchWhole } from "./whole-boxes.js";

/** More nodes have too many boxes to look at all of them together. */
const MOST_TOGETHER = 16;
/** Partitions into at most so many groups, fine first: the smaller the groups the sooner they are done. */
const PARTITIONS: readonly number[] = [Infinity, 8, 5, 3, 2];
/** In larger clusters the links around a group are too many to bind it: only every node by itself is asked. */
const ALONE: readonly number[] = [Infinity];
/** Boxes that go with one step of a finite budget. */
const BOXES_PER_STEP = 2000;
const MOST_OPEN = 1_000_000;
/** What is left when a sweep is done, relative. */
const PROVEN_GAP = 1.01e-5;
/** Boxes per turn of either. */
const TURN = 64;
/** The same beside sweeps, which prove more. */
const TURN_BESIDE_SWEEPS = 16;
/** More nodes have too many sets of nodes that may start at a layer, but for flows near the bound. */
const MOST_SWEPT = 16;
const MOST_SWEPT_NEAR = 24;
/** Steps of a sweep per turn: they take longer, and prove most. */
const SWEEP_TURN = 32;

/**
 * Branch and bound over boxes of intervals, in turns: of all nodes together if they are few, and of groups of
 * nodes, whose work adds up to a bound; the next coarser partition when one has proven all it can.
 */
export const boxStrategy: Strategy = (problem, first) => {
  const nodes = listUsableNodes(problem);
  if (nodes.length === 0) return;
  let context = first;
  const goOn = expandInTurns(
    problem,
    nodes,
    followContext(() => context),
  );
  const takeTurn = (next: SearchContext): void => {
    context = next;
    goOn();
  };
  takeTurn(first);
  return takeTurn;
};

/** A context for what outlives a turn: always that of the turn it is. */
function followContext(current: () => SearchContext): SearchContext {
  return {
    get solver() {
      return current().solver;
    },
    get seed() {
      return current().seed;
    },
    get meeting() {
      return current().meeting;
    },
    get iterations() {
      return current().iterations;
    },
    shouldStop: () => current().shouldStop(),
    incumbent: () => current().incumbent(),
    upperBound: () => current().upperBound(),
    offer: (placement) => current().offer(placement),
    offerBound: (value, name) => current().offerBound(value, name),
  };
}

/** @returns one turn, until it is stopped or has used up its steps. */
function expandInTurns(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): () => void {
  const few = nodes.length <= MOST_TOGETHER;
  // The second run helps with what most is left of.
  const isSecond = context.meeting?.isSecond === true;
  const partitions = isSecond
    ? []
    : listPartitions(problem, nodes, context.upperBound(), few ? PARTITIONS : ALONE);
  const nextGroups = (): BoxSearch | undefined => {
    const partition = partitions.shift();
    return partition && searchGroups(problem, partition, context);
  };
  let together = few && !isSecond ? searchWhole(problem, nodes, context) : undefined;
  let sweeps = chooseSweeps(problem, nodes, context);
  let groups = nextGroups();
  let boxes = 0;
  /** Whether there is more to do. */
  const goOn = (search: BoxSearch, turn: number): boolean => {
    for (let n = 0; n < turn && search.openBoxes() > 0; n++) search.expand();
    boxes += TURN;
    context.offerBound(search.bound(), search.name);
    return search.openBoxes() > 0 && search.openBoxes() < MOST_OPEN;
  };
  let done = false;
  return () => {
    boxes = 0;
    const most = BOXES_PER_STEP * context.iterations;
    while (
      !done &&
      !isProven(context) &&
      (together ?? groups ?? sweeps) !== undefined &&
      !context.shouldStop()
    ) {
      if (boxes >= most) return;
      // What it told and was not carried is left to the others.
      if (sweeps !== undefined && !goOn(sweeps, SWEEP_TURN)) sweeps = undefined;
      const turn = sweeps === undefined ? TURN : TURN_BESIDE_SWEEPS;
      if (together !== undefined && !goOn(together, turn)) {
        done = together.openBoxes() === 0;
        if (done) return;
        together = undefined;
      }
      if (groups !== undefined && !goOn(groups, turn)) groups = nextGroups();
    }
  };
}

/** Whether nothing is left to prove. */
function isProven(context: SearchContext): boolean {
  return context.upperBound() <= (context.incumbent()?.throughput ?? 0) * (1 + PROVEN_GAP);
}

/**
 * Bits stand for nodes; what is pinned may not move, and parts of machines have wires of their own. Sweeps near the bound
 * take seconds, which a budget in steps does not count.
 */
function chooseSweeps(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): BoxSearch | undefined {
  const { cluster, constraints } = problem;
  if (constraints.pins.size > 0 || cluster.hosts !== undefined) return undefined;
  if (nodes.length <= MOST_SWEPT) return searchSweeps(problem, nodes, context);
  if (context.meeting?.isSecond === true) return undefined;
  const near = nodes.length <= MOST_SWEPT_NEAR && context.iterations === Infinity;
  return near ? searchNearBound(problem, nodes, context) : undefined;
}

/** Different partitions into more than one group, as fine as asked for first. */
function listPartitions(
  { cluster }: PlanningProblem,
  nodes: readonly number[],
  flowBound: number,
  sizes: readonly number[],
): (readonly (readonly number[])[])[] {
  const usable = new Set(nodes);
  const partitions: (readonly (readonly number[])[])[] = [];
  for (const maxRegions of sizes) {
    const partition =
      maxRegions === Infinity
        ? nodes.map((node) => [node])
        : detectRegions(cluster, { maxRegions, flowBound })
            .members.map((members) => members.filter((node) => usable.has(node)))
            .filter((members) => members.length > 0);
    const finer = partitions.at(-1)?.length ?? Infinity;
    if (partition.length > 1 && partition.length < finer) partitions.push(partition);
  }
  return partitions;
}
