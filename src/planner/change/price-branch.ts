import type { ChainColumn, ChainProgram, Counted, SolvedChains } from "./chain-program.js";
import type { ChainSpace } from "./chain-space.js";
import { listCheapest, type ChainPricer, type ChainStep } from "./cheapest-chain.js";
import { ROUNDING } from "./cover-model.js";

/** What a branch asks of how fast its chains are, and of where nodes stand. */
export interface RateBranch {
  /** By level, how many chains are at least so fast: fewest and most. Falls from level to level. */
  readonly counts: ReadonlyMap<number, readonly [number, number]>;
  /** Each place once. */
  readonly places: readonly PlaceLimit[];
}

/** At most so many nodes of a class stand in chains that are at least so fast, or in slower ones. */
export interface PlaceLimit {
  readonly at: number;
  readonly level: number;
  readonly faster: boolean;
  readonly most: number;
}

export interface RelaxedChains {
  /** No whole solution of the branch loads less, in layers. */
  readonly bound: number;
  /** What it is made of, where the relaxation was solved to its end. */
  readonly used?: readonly ChainShare[];
}

export interface RelaxLimits {
  /** A bound as high as this is enough. */
  readonly enough: () => number;
  /** Share of that by which the relaxation may load more than the bound when it is taken to be solved. */
  readonly near: number;
  readonly shouldStop: () => boolean;
}

export interface ChainShare {
  readonly column: ChainColumn;
  readonly share: number;
}

/** Rounds of pricing for one relaxation. */
const MOST_ROUNDS = 400;
/** Chains that come in at once. */
const MOST_ADDED = 40;
/** A chain comes in where it costs so much less than it is worth. */
const GAIN = 1e-7;
/** Levels that cannot be worth this share of the best are left for a later round. */
const WORTH = 0.8;
/** Levels in a row of which one question mostly finds that none is worth it. */
const FEW_LEVELS = 16;

/**
 * The relaxation of a branch by columns. Each round prices chains level by level: at prices of nodes a
 * faster chain costs no less, so a level between two is looked at only where it could be worth it. Every round gives a bound
 * by its prices alone (Lagrange), which holds however it goes on. Ends where that is as high as `enough`.
 */
export function relaxBranch(
  space: ChainSpace,
  program: ChainProgram,
  price: ChainPricer,
  branch: RateBranch,
  { enough, near, shouldStop }: RelaxLimits,
): RelaxedChains {
  const { counted, limits } = listRows(branch);
  program.limit(counted, limits);
  let bound = 0;
  for (let round = 1; !shouldStop(); round++) {
    const solved = program.solve(shouldStop);
    if (solved === undefined) return { bound };
    const priced = priceAll(space, price, branch, solved);
    bound = Math.max(bound, priced.bound);
    if (bound >= enough()) return { bound };
    // Where prices come to no rest, the branch is split by what it has.
    const ends = solved.loads - bound <= near * enough() || round >= MOST_ROUNDS;
    const best = [...priced.chains].sort((a, b) => a.gain - b.gain).slice(0, MOST_ADDED);
    if (!ends && program.add(best) > 0) continue;
    const columns = program.columns();
    const used = solved.shares.flatMap((share, at) =>
      share > GAIN ? [{ column: columns[at]!, share }] : [],
    );
    return { bound, used };
  }
  return { bound };
}

function countKey(level: number): string {
  return `fast ${level}`;
}

export function placeKey({ at, level, faster }: PlaceLimit): string {
  return `${at} ${faster ? "from" : "below"} ${level}`;
}

function isIn({ level, faster }: PlaceLimit, own: number): boolean {
  return faster ? own >= level : own < level;
}

function listRows({ counts, places }: RateBranch): {
  readonly counted: readonly Counted[];
  readonly limits: ReadonlyMap<string, readonly [number, number]>;
} {
  const limits = new Map<string, readonly [number, number]>();
  const counted: Counted[] = [];
  for (const [level, limit] of counts) {
    limits.set(countKey(level), limit);
    counted.push({ key: countKey(level), of: (column) => (column.level >= level ? 1 : 0) });
  }
  for (const place of places) {
    const key = placeKey(place);
    limits.set(key, [-Infinity, place.most]);
    const of = ({ level, taken }: ChainColumn): number =>
      isIn(place, level) ? (taken.get(place.at) ?? 0) : 0;
    counted.push({ key, of });
  }
  return { counted, limits };
}

interface Priced {
  readonly bound: number;
  readonly chains: readonly {
    readonly level: number;
    readonly nodes: readonly ChainStep[];
    readonly gain: number;
  }[];
}

/** Prices all levels: chains that are worth more than they cost, and the bound by these prices. */
function priceAll(
  space: ChainSpace,
  price: ChainPricer,
  { counts, places }: RateBranch,
  solved: SolvedChains,
): Priced {
  const { classes, levels, kinds } = space;
  const { prices, worth, dualOf } = solved;
  const chains: { level: number; nodes: readonly ChainStep[]; gain: number }[] = [];
  const nodes = classes.reduce((sum, own) => sum + own.nodes.length, 0);
  let bound = (1 - ROUNDING) * worth;
  for (const [at, own] of classes.entries()) bound -= prices[at]! * own.nodes.length;
  for (const [level, [least, most]] of counts) {
    const dual = dualOf(countKey(level));
    bound += dual > 0 ? dual * least : dual * most;
  }
  for (const place of places) bound += Math.min(0, dualOf(placeKey(place))) * place.most;
  const thresholds = [...counts].sort(([a], [b]) => a - b);
  const spans = [[0, [0, nodes]] as const, ...thresholds].map(([from, [, most]], at) => {
    const next = thresholds[at];
    return { from, to: next?.[0] ?? levels.length, most: most - (next?.[1][0] ?? 0) };
  });
  for (const { from, to, most } of spans) {
    if (most <= 0 || to <= from) continue;
    let least = 0;
    const paid = thresholds.reduce(
      (sum, [level]) => sum + (level <= from ? dualOf(countKey(level)) : 0),
      0,
    );
    const breaks = new Set([from, to, ...places.map(({ level }) => level)]);
    const cuts = [...breaks].filter((at) => at >= from && at <= to).sort((a, b) => a - b);
    for (const kind of kinds)
      cuts.slice(1).forEach((end, at) => {
        const start = cuts[at]!;
        const own = pricesAt(start, prices, places, dualOf);
        const starting = listCheapest(space, kind, own);
        const worthOf = (level: number): number => worth * levels[level]!.share + paid;
        /** Chains that cost as much are of no use there: they hardly lower the bound. */
        const limitAt = (level: number): number => worthOf(level) + Math.min(-GAIN, WORTH * least);
        /** What the cheapest chain of a level costs, or that it is of no use up to the other one. */
        const look = (level: number, upTo = level): number => {
          const question = { kind, level: levels[level]!, prices: own, starting };
          const { cost, nodes: chain } = price(question, limitAt(upTo));
          const gain = cost - worthOf(level);
          if (chain !== undefined && cost < limitAt(level))
            chains.push({ level, nodes: chain, gain });
          least = Math.min(least, gain);
          return cost;
        };
        /** Levels after one of which it is known what the cheapest costs: none of them is cheaper. */
        const lookBetween = (after: number, cost: number, last: number, few = false): void => {
          if (last <= after) return;
          if (cost >= limitAt(last)) {
            least = Math.min(least, -GAIN);
            return;
          }
          if (!few && last - after <= FEW_LEVELS) {
            lookBetween(after + 1, look(after + 1, last), last, true);
            return;
          }
          const middle = Math.ceil((after + last) / 2);
          lookBetween(middle, look(middle, few ? last : middle), last, few);
          lookBetween(after, cost, middle - 1, few);
        };
        lookBetween(start, look(start), end - 1);
      });
    bound += least * most;
  }
  return { bound, chains };
}

/** Prices of nodes in chains of a level; Infinity where a branch lets none of the class stand there. */
function pricesAt(
  level: number,
  prices: Float64Array,
  places: readonly PlaceLimit[],
  dualOf: (key: string) => number,
): Float64Array {
  const own = prices.slice();
  for (const place of places)
    if (isIn(place, level))
      own[place.at]! += place.most === 0 ? Infinity : Math.max(0, -dualOf(placeKey(place)));
  return own;
}
