import { createRandom, type Random } from "../../core/random.js";
import type { Solver } from "../../math/lp/solver.js";
import { boundAhead, priceAhead, type FrontPrices } from "./front-prices.js";
import type { FrontChoice, FrontSpace } from "./front-space.js";
import { listBegun, type Begun, type Bounded } from "./front-begun.js";
import { beginAt, EMPTY_FRONT, splitAt, type Front } from "./front-steps.js";

export interface FrontSweepOptions {
  /** Layers to load: what costs as much is not looked at. */
  readonly limit: number;
  /** Ways kept at one border, at most. */
  readonly mostWays: number;
  readonly shouldStop: () => boolean;
}

export interface FrontSwept {
  /** No cover that links can serve costs less: the limit where nothing is left below it. */
  readonly proven: number;
  /** Ways that it made. */
  readonly made: number;
  /** Whether it came to the end. */
  readonly whole: boolean;
  /** The cheapest whole covers below the limit, by columns; links may still be too thin for them. */
  readonly covers: readonly Float64Array[];
}

/** A way up to a border: who began where, in turn. */
interface Way {
  readonly cost: number;
  readonly left: Uint8Array;
  readonly begun: readonly FrontChoice[];
  readonly before: Way | undefined;
  /** What it costs at least to the end. */
  bound: number;
}

/** Ways to one border that have the same nodes at work there. */
interface Group {
  readonly front: Front;
  readonly ways: Map<string, Way>;
}

type Groups = Map<string, Group>;

/** Prices kept; each is one more bound for every way. */
const MOST_PRICES = 32;
/** Prices are sought where more ways than this are left, and again where the last ones ruled out that share of them. */
const WORTH_PRICES = 150;
const RULED_OUT = 0.04;
/** Where one border makes so many ways for each that may be kept, the sweep ends as if they were. */
const MADE_OF_KEPT = 20;
/** Whole covers told at most. */
const TOLD = 5;

/**
 * Every cover by whole nodes that costs less than a limit, from the first layer to the last, by what is at work at each border: which nodes,
 * until where, and how much has come to them over the links at most. Nodes are counted, so no node is in two places. Nodes begin where
 * others end: a node that nothing comes to is not needed there. Of two ways to the same nodes at work, one that is no cheaper and has no
 * more left is dropped, and so is what costs as much as the limit by the prices of some relaxation of what is ahead.
 */
export function sweepFronts(
  space: FrontSpace,
  solver: Solver,
  { limit, mostWays, shouldStop }: FrontSweepOptions,
): FrontSwept {
  const { layers } = space;
  const random = createRandom(1);
  const prices: FrontPrices[] = [];
  const borders = Array.from({ length: layers + 1 }, (): Groups => new Map());
  const none = { cost: 0, left: space.amounts, begun: [], before: undefined, bound: 0 };
  borders[0]!.set("", { front: EMPTY_FRONT, ways: new Map([["", none]]) });
  let made = 0;
  let most = 0;
  const isOver = (): boolean => made > most || shouldStop();
  const limits = { limit, random, solver, shouldStop };
  for (let at = 0; at < layers; at++) {
    const groups = keepCheap(space, at, [...borders[at]!.values()], prices, limits);
    borders[at]!.clear();
    const kept = groups.reduce((sum, { ways }) => sum + ways.length, 0);
    most = kept > mostWays ? -1 : made + MADE_OF_KEPT * mostWays;
    for (const [index, { front, ways }] of groups.entries()) {
      const border = splitAt(front, at);
      const bounded = boundAll(at, front, ways, prices);
      const options = { prices, limit, shouldStop: isOver };
      const ended =
        !isOver() &&
        listBegun(space, border, bounded, options, (next) => {
          made += next.ways.length;
          goOn(space, beginAt(border, next.choices, space), next, borders);
        });
      if (ended) continue;
      const open = [...groups.slice(index), ...borders.flatMap((each) => [...each.values()])];
      const bounds = open.flatMap((group) => [...group.ways.values()].map(({ bound }) => bound));
      return {
        proven: bounds.reduce((a, b) => Math.min(a, b), limit),
        whole: false,
        made,
        covers: [],
      };
    }
  }
  const whole = [...borders[layers]!.values()].flatMap(({ ways }) => [...ways.values()]);
  whole.sort((a, b) => a.cost - b.cost);
  const columns = space.starts.reduce((sum, list) => sum + list.length, 0);
  return {
    proven: Math.min(limit, whole[0]?.cost ?? limit),
    whole: true,
    made,
    covers: whole.slice(0, TOLD).map((way) => countColumns(way, columns)),
  };
}

/** Puts ways on to the first border at which one of those at work ends. */
function goOn(
  space: FrontSpace,
  front: Front,
  { choices, ways }: Begun<Way>,
  borders: readonly Groups[],
): void {
  const at = front.ends[0]!;
  const groups = borders[at]!;
  let group = groups.get(front.key);
  if (group === undefined) groups.set(front.key, (group = { front, ways: new Map() }));
  const more = choices.reduce((sum, { cost }) => sum + cost, 0);
  for (const { way, bound } of ways) {
    const left = way.left.slice();
    for (const { uses } of choices) for (const thing of uses) left[thing]! -= 1;
    for (let thing = 0; thing < left.length; thing++)
      if (space.lastUse[thing]! < at) left[thing] = 0;
    const key = String.fromCharCode(...left);
    const cost = way.cost + more;
    const known = group.ways.get(key);
    if (known === undefined || known.cost > cost)
      group.ways.set(key, { cost, left, begun: choices, before: way, bound });
  }
}

interface Kept {
  readonly front: Front;
  readonly ways: readonly Way[];
}

/** The ways at a border that could still cost less than the limit. */
function keepCheap(
  space: FrontSpace,
  at: number,
  groups: readonly Group[],
  prices: FrontPrices[],
  limits: {
    readonly limit: number;
    readonly random: Random;
    readonly solver: Solver;
    readonly shouldStop: () => boolean;
  },
): readonly Kept[] {
  const { limit, random, solver, shouldStop } = limits;
  let kept = groups.map(({ front, ways }) => ({
    front,
    covered: listCovered(front, at),
    ways: [...ways.values()],
  }));
  const ruleOut = (own: readonly FrontPrices[]): void => {
    for (const group of kept)
      group.ways = group.ways.filter((way) => {
        for (const each of own) {
          way.bound = Math.max(way.bound, boundAhead(each, at, group.covered, way));
          if (way.bound >= limit) return false;
        }
        return true;
      });
    kept = kept.filter(({ ways }) => ways.length > 0);
  };
  const countWays = (): number => kept.reduce((sum, { ways }) => sum + ways.length, 0);
  ruleOut(prices);
  for (const group of kept) group.ways = dropWorse(group.ways);
  for (let ways = countWays(); ways > (at === 0 ? 0 : WORTH_PRICES) && !shouldStop();) {
    const group = kept[random.int(kept.length)]!;
    const way = group.ways[random.int(group.ways.length)]!;
    const found = priceAhead(space, at, group.front, way.left, solver, shouldStop);
    if (found === undefined) break;
    if (prices.length < MOST_PRICES) prices.push(found);
    else prices[1 + random.int(MOST_PRICES - 1)] = found;
    ruleOut([found]);
    const left = countWays();
    if (ways - left < RULED_OUT * ways) break;
    ways = left;
  }
  return kept;
}

/** Without ways that are no cheaper than another and have no more left of anything. */
function dropWorse(ways: readonly Way[]): Way[] {
  const kept: Way[] = [];
  for (const way of [...ways].sort((a, b) => a.cost - b.cost)) {
    const worse = ({ left }: Way): boolean => left.every((some, thing) => some >= way.left[thing]!);
    if (!kept.some(worse)) kept.push(way);
  }
  return kept;
}

/** What those at work compute of the layers behind a border. */
function listCovered({ ends, shares }: Front, at: number): Float64Array {
  const covered = new Float64Array(Math.max(0, ...ends.map((end) => end - at)));
  ends.forEach((end, node) => {
    for (let layer = at; layer < end; layer++) covered[layer - at]! += shares[node]!;
  });
  return covered;
}

function boundAll(
  at: number,
  front: Front,
  ways: readonly Way[],
  prices: readonly FrontPrices[],
): readonly Bounded<Way>[] {
  const covered = listCovered(front, at);
  return ways.map((way) => ({
    way,
    bounds: Float64Array.from(prices, (each) => boundAhead(each, at, covered, way)),
  }));
}

function countColumns(way: Way, columns: number): Float64Array {
  const values = new Float64Array(columns);
  for (let at: Way | undefined = way; at !== undefined; at = at.before)
    for (const { column } of at.begun) values[column]! += 1;
  return values;
}
