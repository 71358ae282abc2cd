import { detectRegions } from "../network/region-detection.js";
import type { BoxSearch } from "./box-search.js";
import { searchGroups } from "./group-boxes.js";
import type { PlanningProblem } from "./problem.js";
import { listUsableNodes } from "./start-box.js";
import type { SearchContext, Strategy } from "./strategy.js";
import { searchWhole } from "./whole-boxes.js";

/** More nodes have too many boxes to look at all of them together. */
const MOST_TOGETHER = 16;
/** Partitions into at most so many groups, fine first: the smaller the groups the sooner they are done. */
const PARTITIONS: readonly number[] = [Infinity, 8, 5, 3, 2];
/** Boxes that go with one step of a finite budget. */
const BOXES_PER_STEP = 2000;
const MOST_OPEN = 1_000_000;
/** Boxes per turn: a box of all nodes together costs a small part of what one of a group does. */
const TOGETHER_TURN = 64;
const GROUPS_TURN = 64;

/**
 * Branch and bound over boxes of intervals, in turns: of all nodes together if they are few, and of groups of
 * nodes, whose work adds up to a bound; the next coarser partition when one has proven all it can.
 */
export const boxStrategy: Strategy = (problem, context) => {
  const nodes = listUsableNodes(problem);
  if (nodes.length === 0) return;
  let boxes = BOXES_PER_STEP * context.iterations;
  const work = (search: BoxSearch, turn: number): boolean => {
    for (let n = 0; n < turn && search.openBoxes() > 0; n++, boxes--) search.expand();
    context.offerBound(search.bound(), search.name);
    return search.openBoxes() > 0 && search.openBoxes() < MOST_OPEN;
  };
  const together =
    nodes.length <= MOST_TOGETHER ? searchWhole(problem, nodes, context) : undefined;
  let together_ = together;
  const partitions = listPartitions(problem, nodes, context);
  let groups = nextGroups(problem, partitions, context);
  while ((together_ !== undefined || groups !== undefined) && boxes > 0 && !context.shouldStop()) {
    if (together_ !== undefined && !work(together_, TOGETHER_TURN)) {
      if (together_.openBoxes() === 0) return;
      together_ = undefined;
    }
    if (groups !== undefined && !work(groups, GROUPS_TURN))
      groups = nextGroups(problem, partitions, context);
  }
};
function nextGroups(
  problem: PlanningProblem,
  partitions: (readonly (readonly number[])[])[],
  context: SearchContext,
): BoxSearch | undefined {
  const partition = partitions.shift();
  return partition === undefined ? undefined : searchGroups(problem, partition, context);
}

function listPartitions(
  problem: PlanningProblem,
  nodes: readonly number[],
  context: SearchContext,
): (readonly (readonly number[])[])[] {
  const usable = new Set(nodes);
  const partitions: (readonly (readonly number[])[])[] = [];
  for (const maxRegions of PARTITIONS) {
    const partition =
      maxRegions === Infinity
        ? nodes.map((node) => [node])
        : detectRegions(problem.cluster, { maxRegions, flowBound: context.upperBound() })
            .members.map((members) => members.filter((node) => usable.has(node)))
            .filter((members) => members.length > 0);
    const before = partitions.at(-1);
    if (partition.length > 1 && partition.length < (before?.length ?? Infinity))
      partitions.push(partition);
  }
  return partitions;
}
