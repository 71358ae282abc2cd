import { detectRegions } from "../graph/region-detection.js";
import type { BoxSearch } from "./box-search.js";
import { searchGroups } from "./group-boxes.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listUsableNodes } from "../problem/strategy-needs.js";
import type { Strategy } from "../problem/strategy.js";
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
/** Boxes per turn of either. */
const TURN = 64;

/**
 * Branch and bound over boxes of intervals, in turns: of all nodes together if they are few, and of groups of
 * nodes, whose work adds up to a bound; the next coarser partition when one has proven all it can.
 */
export const boxStrategy: Strategy = (problem, context) => {
  const nodes = listUsableNodes(problem);
  if (nodes.length === 0) return;
  const few = nodes.length <= MOST_TOGETHER;
  const partitions = listPartitions(problem, nodes, context.upperBound(), few ? PARTITIONS : ALONE);
  const nextGroups = (): BoxSearch | undefined => {
    const partition = partitions.shift();
    return partition && searchGroups(problem, partition, context);
  };
  let together = few ? searchWhole(problem, nodes, context) : undefined;
  let groups = nextGroups();
  const most = BOXES_PER_STEP * context.iterations;
  let boxes = 0;
  /** Whether there is more to do. */
  const goOn = (search: BoxSearch, turn: number): boolean => {
    for (let n = 0; n < turn && search.openBoxes() > 0; n++) search.expand();
    boxes += turn;
    context.offerBound(search.bound(), search.name);
    return search.openBoxes() > 0 && search.openBoxes() < MOST_OPEN;
  };
  while ((together ?? groups) !== undefined && !context.shouldStop()) {
    if (boxes >= most) return;
    if (together !== undefined && !goOn(together, TURN)) {
      if (together.openBoxes() === 0) return;
      together = undefined;
    }
    if (groups !== undefined && !goOn(groups, TURN)) groups = nextGroups();
  }
};

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
