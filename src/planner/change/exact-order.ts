import type { FoundOrder, OrderProblem } from "./order-problem.js";

/** A step below the floor that takes no time is still one: it is counted as taking so many seconds. */
const MOMENT = 1e-6;

/** The best way to the set of nodes that have changed. */
interface Reached {
  readonly below: number;
  readonly seconds: number;
  readonly before: number;
}

/**
 * The order that spends the least time below the floor, then the least time, and the highest floor that any order
 * keeps: the sets of changed nodes are the states, and a step leads from a set to any larger one. O(3ⁿ) flows.
 * @returns undefined where it was stopped before all were looked at.
 */
export function findExactOrder(
  { seconds, floor, flow }: OrderProblem,
  shouldStop: () => boolean,
): FoundOrder | undefined {
  const count = seconds.length;
  const all = (1 << count) - 1;
  const members = Array.from({ length: all + 1 }, (_, mask) =>
    seconds.flatMap((__, at) => (((mask >> at) & 1) === 1 ? [at] : [])),
  );
  const sets = members.map((list) => new Set(list));
  const longest = members.map((list) => list.reduce((most, at) => Math.max(most, seconds[at]!), 0));
  const reached: (Reached | undefined)[] = [{ below: 0, seconds: 0, before: 0 }];
  const kept = new Float64Array(all + 1).fill(-Infinity);
  kept[0] = Infinity;
  for (let done = 0; done < all; done++) {
    if (shouldStop()) return undefined;
    const from = reached[done]!;
    const rest = all & ~done;
    for (let out = rest; out > 0; out = (out - 1) & rest) {
      const carried = flow(sets[done]!, sets[out]!);
      const next = done | out;
      kept[next] = Math.max(kept[next]!, Math.min(kept[done]!, carried));
      const below = from.below + (carried < floor ? longest[out]! + MOMENT : 0);
      const total = from.seconds + longest[out]!;
      const known = reached[next];
      if (known !== undefined && !isLess([below, total], [known.below, known.seconds])) continue;
      reached[next] = { below, seconds: total, before: done };
    }
  }
  const order: (readonly number[])[] = [];
  for (let at = all; at > 0; at = reached[at]!.before)
    order.unshift(members[at & ~reached[at]!.before]!);
  return { sets: order, bestFloor: kept[all]! };
}

/** Smaller in the first entry, or, where these are as good as equal, in the second. */
function isLess(a: readonly [number, number], b: readonly [number, number]): boolean {
  const margin = 1e-12 * Math.max(1, b[0]);
  return Math.abs(a[0] - b[0]) > margin ? a[0] < b[0] : a[1] < b[1];
}
