import { createCoverRows } from "./cover-rows.js";
import { describeCoverTypes } from "./cover-types.js";
import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { lowest } from "./sweep-state.js";

const MOST_KNOWN = 200_000;
/** Covers what rounding does to sums, relative. */
const ROUNDING = 1e-9;

/** Whether nodes cover layers at a flow with whole intervals, whatever links there are. */
export interface CoverReach {
  /** Begins a question: the nodes that have not started, and after how many steps they may reach. */
  begin(limits: SweepLimits, unused: number, steps: number): void;
  /** A node of so many layers in all holds so many more from here on; by position. Those at later positions are forgotten. */
  give(position: number, node: number, size: number, ahead: number): void;
  /** Whether those given and those that have not started may cover so many layers. */
  isEnough(layers: number): boolean;
  /** Most work of a set of nodes. */
  workOf(set: number): number;
  /** What a set of nodes has to pay with; 0 without prices. */
  priceOf(set: number): number;
  /** Whether the steps were not enough for the question. */
  isOver(): boolean;
  steps(): number;
}

/** Nodes that start at a layer, one after the other. */
interface Start {
  /** Layers left; tokens/s that cover the next one so far; work that can still be done. */
  readonly rest: number;
  readonly cover: number;
  readonly work: number;
  /** The last one that starts here: the next one is of a later type, or no larger. */
  readonly type: number;
  readonly size: number;
}

/**
 * Depth first: as soon as the nodes given do not cover a layer, others start there, as few as cover it (one that is not needed yet may as well
 * start later), each with one size. Only the speeds of nodes count, so few things are different: what is known of them is kept.
 */
export function createCoverReach(nodes: SweepNodes): CoverReach {
  const { count, layers } = nodes;
  const types = describeCoverTypes(nodes);
  const { rateOf, workOf, priceOf, sides, radix } = types;
  const rows = createCoverRows(types, count);
  const given = { code: new Int32Array(count), ahead: new Int32Array(count), count: 0 };
  /** By what is left: the most layers that it is known to cover, and the least that it does not, in one number. */
  const known = new Map<number, number>();
  const isKept = rows.keys * types.keys <= Number.MAX_SAFE_INTEGER;
  /** Of each type, how many have not started; a number for it; what they all can do and pay. */
  const left = new Int32Array(types.count);
  let key = 0;
  let workLeft = 0;
  let priceLeft = 0;
  /** Codes of nodes that start, those at the same layer from `base` on. */
  const added = new Int32Array(count + 1);
  let base = 0;
  let end = 0;
  let flow = 0;
  let isPriced = false;
  let mostSteps = 0;
  let taken = 0;
  let total = 0;

  const leave = (type: number, by: 1 | -1): void => {
    left[type]! += by;
    key += by * radix[type]!;
    workLeft += by * workOf[type]!;
    priceLeft += by * priceOf[type]!;
  };

  /** Whether those at a depth and those left cover so many layers. */
  const covers = (depth: number, to: number): boolean => {
    let rest = to;
    let cover = rows.cover(depth);
    for (; rest > 0 && cover >= flow; cover = rows.cover(depth)) rest -= rows.pass(depth);
    if (rest <= 0) return true;
    if (key === 0) return false;
    const work = workLeft + rows.work(depth, rest);
    if (work < flow * rest) return false;
    if (isPriced && priceLeft + rows.price(depth, rest) < flow * rest) return false;
    const held = isKept ? rows.key(depth) : undefined;
    if (held === undefined) return starts(depth, { rest, cover, work, type: 0, size: layers });
    const id = held * types.keys + key;
    const kept = known.get(id) ?? (layers + 1) * sides;
    const [can, cannot] = [kept % sides, Math.floor(kept / sides)];
    if (rest <= can) return true;
    if (rest >= cannot) return false;
    const does = starts(depth, { rest, cover, work, type: 0, size: layers });
    if (taken <= mostSteps) {
      if (known.size > MOST_KNOWN) known.clear();
      known.set(id, does ? cannot * sides + rest : rest * sides + can);
    }
    return does;
  };

  /** Whether one more node may start at a depth, and so on. */
  const starts = (depth: number, { rest, cover, work, type, size }: Start): boolean => {
    const first = end;
    for (let t = type; t < types.count; t++) {
      if (left[t] === 0) continue;
      leave(t, -1);
      let does = false;
      for (let k = t === type ? Math.min(size, rest) : rest; k > 0 && !does; k--) {
        taken += 1;
        const own = rateOf[t * sides + k]!;
        const sum = work - workOf[t]! + k * own;
        if (own <= 0 || sum < flow * rest) continue;
        added[first] = t * sides + k;
        end = first + 1;
        const covered = cover + own;
        if (covered < flow)
          does = starts(depth, { rest, cover: covered, work: sum, type: t, size: k });
        else does = isLeast(covered) && begin(depth, rest);
        end = first;
        if (taken > mostSteps) does = true;
      }
      leave(t, 1);
      if (does) return true;
    }
    return false;
  };
  /** Whether each of those that start at the layer is needed there. */
  const isLeast = (covered: number): boolean => {
    for (let n = base; n < end; n++) if (covered - rateOf[added[n]!]! >= flow) return false;
    return true;
  };
  const begin = (depth: number, rest: number): boolean => {
    rows.copy(depth, depth + 1);
    for (let n = base; n < end; n++) rows.add(depth + 1, added[n]!, added[n]! % sides);
    const before = base;
    base = end;
    const does = covers(depth + 1, rest);
    base = before;
    return does;
  };

  return {
    begin(limits, unused, steps) {
      mostSteps = steps;
      if (types.read(limits)) known.clear();
      flow = limits.flow * (1 - ROUNDING);
      isPriced = limits.prices !== undefined;
      left.fill(0);
      [key, workLeft, priceLeft, taken, given.count] = [0, 0, 0, 0, 0];
      for (let set = unused; set !== 0; set &= set - 1) leave(types.typeOf(lowest(set)), 1);
    },
    give(position, node, size, ahead) {
      given.code[position] = types.typeOf(node) * sides + size;
      given.ahead[position] = ahead;
      given.count = position + 1;
    },
    isEnough(to) {
      rows.clear(0);
      for (let n = 0; n < given.count; n++)
        if (given.ahead[n]! > 0) rows.add(0, given.code[n]!, given.ahead[n]!);
      const before = taken;
      const does = covers(0, to);
      total += taken - before;
      return does || taken > mostSteps;
    },
    workOf: (set) => types.sum(set, workOf),
    priceOf: (set) => types.sum(set, priceOf),
    isOver: () => taken > mostSteps,
    steps: () => total,
  };
}
