import type { Placement } from "../../core/placement.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import { capacityOf } from "../problem/node-capacity.js";
import { onTheWay, type PlanningProblem } from "../problem/problem.js";
import { findExactOrder } from "./exact-order.js";
import type { OrderProblem } from "./order-problem.js";
import { findQuickOrder } from "./quick-order.js";

/** Some nodes that stop, load and come back together. */
export interface ChangeStep {
  readonly nodes: readonly number[];
  /** Until the slowest has loaded. */
  readonly seconds: number;
  /** What the nodes hold during it: those of the step nothing. */
  readonly during: Placement;
  readonly after: Placement;
  /** Tokens/s. */
  readonly throughputDuring: number;
  readonly throughputAfter: number;
}

export interface StepOrder {
  /** What runs before the first step: what is held, where it still fits. */
  readonly start: Placement;
  readonly steps: readonly ChangeStep[];
  readonly seconds: number;
  /** Seconds of steps during which less than the floor flows. */
  readonly secondsBelow: number;
  /** Whether every placement on the way carries the floor. */
  readonly keepsFloor: boolean;
  /** The highest floor that an order keeps; tokens/s. */
  readonly bestFloor: number;
  /** Whether all orders were looked at: the time is the least there is, and no order keeps more. */
  readonly proven: boolean;
}

export interface OrderOptions {
  /** Tokens/s that every placement on the way should carry. */
  readonly floor: number;
  /** Seconds that a node needs to load what it does not hold. */
  readonly seconds: (node: number) => number;
  readonly shouldStop: () => boolean;
}

/** Up to so many nodes that change, all orders are looked at. */
const MOST_EXACT = 8;

/**
 * In which order nodes leave what they hold for what they shall hold, some at a time, so that the least time is spent
 * below the floor, and of such orders one that takes the least time. Nodes of a step carry nothing while they load.
 * All orders of up to eight nodes, by dynamic programming over sets: at most 3⁸ flows; above, a greedy search.
 * Pins and drains hold at the end only: a drained node serves until its turn has come.
 */
export function orderSteps(
  problem: PlanningProblem,
  held: Placement,
  target: Placement,
  options: OrderOptions,
): StepOrder {
  const { cluster } = problem;
  const free = onTheWay(problem);
  const before = held.map((interval, node) =>
    interval !== null && capacityOf(cluster, node, interval) > 0 ? interval : null,
  );
  const nodes = [...target.keys()].filter((node) => before[node]?.join() !== target[node]?.join());
  const place = (done: ReadonlySet<number>, out: ReadonlySet<number>): Placement => {
    const placement = [...before];
    nodes.forEach((node, at) => {
      if (done.has(at)) placement[node] = target[node]!;
      if (out.has(at)) placement[node] = null;
    });
    return placement;
  };
  const flows = new Map<string, number>();
  const flow = (done: ReadonlySet<number>, out: ReadonlySet<number>): number => {
    const placement = place(done, out);
    const key = nodes.map((node) => String(placement[node])).join(";");
    const known = flows.get(key);
    if (known !== undefined) return known;
    const found = measureThroughput(free, placement);
    flows.set(key, found);
    return found;
  };
  const order: OrderProblem = {
    nodes,
    seconds: nodes.map(options.seconds),
    floor: options.floor,
    flow,
  };
  const { shouldStop } = options;
  const exact = nodes.length <= MOST_EXACT ? findExactOrder(order, shouldStop) : undefined;
  const found = exact ?? findQuickOrder(order, shouldStop);
  const done = new Set<number>();
  const steps = found.sets.map((set): ChangeStep => {
    const out = new Set(set);
    const during = place(done, out);
    const throughputDuring = flow(done, out);
    for (const at of set) done.add(at);
    return {
      nodes: set.map((at) => nodes[at]!),
      seconds: Math.max(...set.map((at) => order.seconds[at]!)),
      during,
      after: place(done, new Set()),
      throughputDuring,
      throughputAfter: flow(done, new Set()),
    };
  });
  const sum = (chosen: readonly ChangeStep[]): number =>
    chosen.reduce((total, { seconds }) => total + seconds, 0);
  const below = steps.filter(({ throughputDuring }) => throughputDuring < options.floor);
  return {
    start: before,
    steps,
    seconds: sum(steps),
    secondsBelow: sum(below),
    keepsFloor: below.length === 0,
    bestFloor: found.bestFloor,
    proven: exact !== undefined,
  };
}
