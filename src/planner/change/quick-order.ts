import type { FoundOrder, OrderProblem } from "./order-problem.js";

/** Up to so many nodes several greedy orders are tried, and nodes one at a time for the best floor. */
const MOST_TRIED = 40;

interface Tried {
  readonly sets: readonly (readonly number[])[];
  readonly below: number;
  readonly seconds: number;
  /** The least tokens/s during any step. */
  readonly floor: number;
}

/**
 * Greedy orders: below the floor the nodes that load fastest until it is reached, above it as many at a time as
 * the floor allows beside the one that loads longest. The best of a few, without a proof. O(n² log n) flows at most.
 */
export function findQuickOrder(problem: OrderProblem, shouldStop: () => boolean): FoundOrder {
  const { seconds } = problem;
  const numbers = [...seconds.keys()];
  const slowest = numbers.toSorted((a, b) => seconds[b]! - seconds[a]!);
  const preferences = [slowest, slowest.toReversed(), numbers, numbers.toReversed()];
  let best = tryOrder(problem, slowest, shouldStop);
  let bestFloor = best.floor;
  if (seconds.length > MOST_TRIED) return { sets: best.sets, bestFloor };
  for (const preference of preferences.slice(1)) {
    if (shouldStop()) break;
    const tried = tryOrder(problem, preference, shouldStop);
    bestFloor = Math.max(bestFloor, tried.floor);
    if (tried.below < best.below || (tried.below === best.below && tried.seconds < best.seconds))
      best = tried;
  }
  if (!shouldStop()) bestFloor = Math.max(bestFloor, oneAtATime(problem));
  return { sets: best.sets, bestFloor };
}

/** The order by this preference; where it is stopped, all that is left changes together. */
function tryOrder(
  problem: OrderProblem,
  preference: readonly number[],
  shouldStop: () => boolean,
): Tried {
  const { seconds, floor, flow } = problem;
  const done = new Set<number>();
  const sets: (readonly number[])[] = [];
  let [below, total, least] = [0, 0, Infinity];
  while (done.size < seconds.length) {
    const rest = preference.filter((at) => !done.has(at));
    const set = shouldStop()
      ? rest
      : flow(done, new Set()) < floor
        ? climb(problem, done, rest)
        : pick(problem, done, rest);
    const carried = flow(done, new Set(set));
    const longest = Math.max(...set.map((at) => seconds[at]!));
    least = Math.min(least, carried);
    total += longest;
    if (carried < floor) below += longest;
    for (const at of set) done.add(at);
    sets.push(set);
  }
  return { sets, below, seconds: total, floor: least };
}

/** The nodes that load fastest, as many as the floor needs; all where it needs all. */
function climb(
  { seconds, floor, flow }: OrderProblem,
  done: ReadonlySet<number>,
  rest: readonly number[],
): readonly number[] {
  const fastest = rest.toSorted((a, b) => seconds[a]! - seconds[b]!);
  let [few, enough] = [0, fastest.length];
  while (few + 1 < enough) {
    const half = (few + enough) >> 1;
    const changed = new Set([...done, ...fastest.slice(0, half)]);
    if (flow(changed, new Set()) >= floor) enough = half;
    else few = half;
  }
  return fastest.slice(0, enough);
}

/** The first node whose absence leaves the floor, and what may be absent beside it; else the one that is missed least. */
function pick(
  { floor, flow }: OrderProblem,
  done: ReadonlySet<number>,
  rest: readonly number[],
): readonly number[] {
  const carries = (out: readonly number[]): boolean => flow(done, new Set(out)) >= floor;
  const first = rest.find((at) => carries([at]));
  if (first === undefined) {
    const left = rest.map((at) => flow(done, new Set([at])));
    return [rest[left.indexOf(Math.max(...left))]!];
  }
  const set = [first];
  const add = (more: readonly number[]): void => {
    if (more.length === 0) return;
    if (carries([...set, ...more])) return void set.push(...more);
    if (more.length === 1) return;
    add(more.slice(0, more.length >> 1));
    add(more.slice(more.length >> 1));
  };
  add(rest.filter((at) => at !== first));
  return set;
}

/** The floor kept when always the node goes next that is missed least. */
function oneAtATime({ seconds, flow }: OrderProblem): number {
  const done = new Set<number>();
  let floor = Infinity;
  while (done.size < seconds.length) {
    const rest = [...seconds.keys()].filter((at) => !done.has(at));
    const left = rest.map((at) => flow(done, new Set([at])));
    const most = Math.max(...left);
    floor = Math.min(floor, most);
    done.add(rest[left.indexOf(most)]!);
  }
  return floor;
}
