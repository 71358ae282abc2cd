import type { LayerInterval, Placement } from "../../core/placement.js";
import type { SolveOptions, Solver } from "../../math/lp/solver.js";
import { openChainProgram, type ChainProgram } from "./chain-program.js";
import type { ChainSpace } from "./chain-space.js";
import { createChainPricer, type ChainStep } from "./cheapest-chain.js";
import { layRates } from "./lay-rates.js";
import {
  placeKey,
  relaxBranch,
  type ChainShare,
  type PlaceLimit,
  type RateBranch,
  type RelaxedChains,
} from "./price-branch.js";

export interface RateOptions {
  /** Nodes of the cluster. */
  readonly nodes: number;
  /** Relaxations solved at most. */
  readonly mostBranches: number;
  /** Of one branch and bound over the chains that are known. */
  readonly effort: Pick<SolveOptions, "timeLimitSeconds" | "nodeLimit">;
  /** Layers that the best change known loads: no more needs a proof. */
  readonly known: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound, in layers. */
  readonly onBound: (bound: number) => void;
  /** Told of whole chains; they may carry less than the floor. */
  readonly onFound: (placement: Placement) => void;
}

interface Branch extends RateBranch {
  readonly bound: number;
}

/** What is nearer to a whole number is one. */
const WHOLE = 1e-3;
/** Of what need not be proven: a relaxation that is as near to its end is split. */
const NEAR = 0.01;
/** Chains among which whole ones are looked for, after 1, 2, 4, 8 … and each fortieth relaxation. */
const CORE = 500;
const OFTEN = 40;

/**
 * Branches on how many chains are at least so fast, then on whether nodes stand in fast or in slow ones. Fractions of chains load
 * next to nothing because they mix rates: half of a chain that is twice as fast asks a node to hold half its layers. Once it is
 * known how fast each chain is, hardly anything is left to mix. Best bound first; the least of the open ones is a bound for
 * all.
 */
export function branchOnRates(space: ChainSpace, solver: Solver, options: RateOptions): void {
  const { known, shouldStop, onBound, mostBranches } = options;
  const program = openChainProgram(space, solver);
  const price = createChainPricer(space);
  let bound = 0;
  let open: Branch[] = [{ bound, counts: new Map(), places: [] }];
  /** The least bound of a branch that cannot be split any more. */
  let whole = Infinity;
  /** Rates that chains were laid with. */
  const laid = new Set<string>();
  try {
    for (let solved = 1; solved <= mostBranches; solved++) {
      const least = open.reduce((low, each) => Math.min(low, each.bound), whole);
      if (least > bound) onBound((bound = least));
      const branch = open.find((each) => each.bound === least);
      if (branch === undefined || least >= known() || shouldStop()) return;
      const look = (near: number): RelaxedChains =>
        relaxBranch(space, program, price, branch, { enough: known, near, shouldStop });
      let relaxed = look(NEAR);
      // Only what is not split by rates is worth solving to its end.
      if (relaxed.used !== undefined && splitRates(space, branch, relaxed.used) === undefined)
        relaxed = look(0);
      const own = { ...branch, bound: Math.max(branch.bound, relaxed.bound) };
      open = open.filter((each) => each !== branch);
      if (relaxed.used === undefined) {
        // Refuted, or stopped: then it says no more than before.
        if (own.bound < known()) whole = Math.min(whole, own.bound);
        continue;
      }
      const { used } = relaxed;
      if (solved % OFTEN === 0 || Number.isInteger(Math.log2(solved))) seekWhole(program);
      const byRate = splitRates(space, own, used);
      if (byRate === undefined) layWhole(used);
      const children = byRate ?? splitPlaces(space, own, used);
      if (children === undefined) whole = Math.min(whole, own.bound);
      else open.push(...children);
    }
  } finally {
    program.dispose();
  }

  function offer(steps: readonly ChainStep[]): void {
    const placement = layNodes(space, options.nodes, steps);
    if (placement !== undefined) options.onFound(placement);
  }

  /** Whole chains among those that are known. */
  function seekWhole(among: ChainProgram): void {
    const { model, columns } = among.core(CORE);
    const found = solver.solve(model, { ...options.effort, cutoff: known(), shouldStop });
    if (found.columns === undefined) return;
    const times = found.columns.map(Math.round);
    offer(
      columns.flatMap(({ nodes }, at) => Array.from({ length: times[at]! }, () => nodes).flat()),
    );
  }

  /** Whole chains of the rates that the relaxation has, where it is known how many have which. */
  function layWhole(used: readonly ChainShare[]): void {
    const shares = new Map<number, number>();
    for (const { column, share } of used)
      shares.set(column.level, (shares.get(column.level) ?? 0) + share);
    const counts = [...shares].map(([level, share]) => [level, Math.round(share)] as const);
    const key = counts.join();
    if (laid.has(key)) return;
    laid.add(key);
    const sorted = program.sorted();
    const asked = counts.map(([level, count]) => ({
      level,
      count,
      like: sorted.filter((column) => column.level >= level).map(({ nodes }) => nodes),
    }));
    const limits = { ...options.effort, cutoff: known(), shouldStop };
    const steps = layRates(space, asked, solver, limits);
    if (steps !== undefined) offer(steps);
  }
}

function isWhole(share: number): boolean {
  return Math.abs(share - Math.round(share)) < WHOLE;
}

/** Nodes of their classes for these steps; undefined where a class has too few. */
function layNodes(
  { classes }: ChainSpace,
  nodes: number,
  steps: readonly ChainStep[],
): Placement | undefined {
  const placement = Array<LayerInterval | null>(nodes).fill(null);
  const next = classes.map(() => 0);
  for (const [at, start, end] of steps) {
    const node = classes[at]!.nodes[next[at]!++];
    if (node === undefined) return undefined;
    placement[node] = [start, end];
  }
  return placement;
}

/**
 * How many chains are so fast, where that is no whole number: of such ranges of rates that which is widest and most
 * undecided, in its middle.
 */
function splitRates(
  { levels, classes }: ChainSpace,
  branch: Branch,
  used: readonly ChainShare[],
): readonly Branch[] | undefined {
  const rates = [...new Set(used.map(({ column }) => column.level))].sort((a, b) => a - b);
  let best: { readonly level: number; readonly count: number; readonly score: number } | undefined;
  rates.forEach((level, at) => {
    const count = used.reduce(
      (sum, each) => sum + (each.column.level >= level ? each.share : 0),
      0,
    );
    const part = count - Math.floor(count);
    if (isWhole(count)) return;
    const below = at === 0 ? 0 : levels[rates[at - 1]!]!.share;
    const score = (levels[level]!.share - below) * part * (1 - part);
    if (score <= (best?.score ?? 0)) return;
    const middle = (levels[level]!.share + below) / 2;
    let from = at === 0 ? 0 : rates[at - 1]! + 1;
    while (from < level && levels[from]!.share < middle) from++;
    best = { level: from, count, score };
  });
  if (best === undefined) return undefined;
  const { level, count } = best;
  const nodes = classes.reduce((sum, own) => sum + own.nodes.length, 0);
  const [least, most] = branch.counts.get(level) ?? [0, nodes];
  return [[least, Math.floor(count)] as const, [Math.ceil(count), most] as const].flatMap(
    (limit) => {
      const counts = agree(new Map([...branch.counts, [level, limit]]));
      return counts === undefined ? [] : [{ ...branch, counts }];
    },
  );
}

/** Limits that agree with each other: no more chains are fast than are slow. Undefined where they cannot. */
function agree(
  limits: ReadonlyMap<number, readonly [number, number]>,
): RateBranch["counts"] | undefined {
  const levels = [...limits.keys()].sort((a, b) => a - b);
  const agreed = new Map(limits);
  let most = Infinity;
  for (const level of levels) {
    const [least, own] = agreed.get(level)!;
    most = Math.min(most, own);
    agreed.set(level, [least, most]);
  }
  let least = 0;
  for (const level of levels.toReversed()) {
    const [own, most_] = agreed.get(level)!;
    least = Math.max(least, own);
    if (least > most_) return undefined;
    agreed.set(level, [least, most_]);
  }
  return agreed;
}

/** Where nodes of a class stand partly in fast and partly in slow chains: the class that holds most. */
function splitPlaces(
  { classes, levels, layers }: ChainSpace,
  branch: Branch,
  used: readonly ChainShare[],
): readonly Branch[] | undefined {
  const rates = [...new Set(used.map(({ column }) => column.level))].sort((a, b) => a - b);
  let best: { readonly at: number; readonly level: number; readonly fast: number } | undefined;
  let most = 0;
  for (const level of rates.slice(1))
    for (const [at, { nodes }] of classes.entries()) {
      const count = (faster: boolean): number =>
        used.reduce((sum, { column, share }) => {
          const isIn = column.level >= level === faster;
          return sum + (isIn ? share * (column.taken.get(at) ?? 0) : 0);
        }, 0);
      const fast = Math.floor(count(true) + WHOLE);
      const broken = Math.min(count(true) - fast, count(false) - (nodes.length - fast - 1));
      const holds = Math.max(...levels[level]!.reach.subarray(at * layers, (at + 1) * layers));
      if (broken <= WHOLE || broken * holds <= most) continue;
      most = broken * holds;
      best = { at, level, fast };
    }
  if (best === undefined) return undefined;
  const { at, level, fast } = best;
  const sides: readonly PlaceLimit[] = [
    { at, level, faster: true, most: fast },
    { at, level, faster: false, most: classes[at]!.nodes.length - fast - 1 },
  ];
  return sides.map((side) => ({
    ...branch,
    places: [...branch.places.filter((old) => placeKey(old) !== placeKey(side)), side],
  }));
}
