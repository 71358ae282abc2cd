import type { SolveOptions, Solver } from "../../math/lp/solver.js";
import { keepBelow, relaxWay, solveWay, type Relaxed, type Way } from "./region-ways.js";
import { MIXED, type RegionRows, type RegionSet } from "./region-rows.js";

export interface RegionBranchOptions {
  readonly rows: RegionRows;
  /** The relaxation without any branch. */
  readonly relaxed: Relaxed;
  /** What is known otherwise to be no higher than the least. */
  readonly proven?: number;
  /** Relaxations solved at most. */
  readonly mostNodes: number;
  /** Of one branch and bound: seconds at most, nodes at most. */
  readonly effort: Pick<SolveOptions, "timeLimitSeconds" | "nodeLimit">;
  /** Columns that branch and bound looks at; a branch that leaves more is split first. Default 500. */
  readonly core?: number;
  /** What is as high needs no proof. */
  readonly known: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound. */
  readonly onBound: (bound: number) => void;
  /** Told of whole solutions below what is known. */
  readonly onFound: (columns: Float64Array) => void;
}

interface Branch {
  readonly way: Way;
  /** The regions are others next at a border from the end of the way to this one; the number of layers: maybe never. */
  readonly to: number;
  /** Its relaxation; of the branch it comes from where it has none. */
  readonly relaxed: Relaxed;
  /** What is proven of it otherwise. */
  readonly proven: number;
  /** How many more changes of regions are branched on before branch and bound is tried again. */
  readonly rest: number;
}

/** Steps of the bound, as shares of what is known: each takes up to twice as long as the one before, and one that time cuts short proves less. */
const STEP = 0.04;
/** Of what is known: a step ends there, where a tenth is left to prove and what rounding takes. */
const NEAR = 0.905;
/** A step that took fewer nodes is followed by larger ones. */
const FEW_NODES = 150;
const CORE = 500;
/** Where branch and bound refuted nothing, it hardly does behind the next changes of regions either. */
const REST = 2;
/** Where it refutes fewer than one of so many, once it was tried so often, it is tried for one of so many alone. */
const FEW_REFUTED = 4;
const TRIED = 16;

/**
 * Branches on which regions compute the first layers, where others do next, and which. Without that the relaxation covers
 * a layer by what nodes of all regions hold anyhow, though tokens that are in one region never get there. Borders by halves:
 * is there anything below a limit? If not, that is the bound, and the next limit a little higher. The lower the limit, the fewer columns
 * could be in a solution below it: only these are looked at, and where they are few, branch and bound goes over them. The branch of which least
 * is proven comes first, so that a step which time cuts short proves something, too.
 */
export function branchOnRegions(solver: Solver, options: RegionBranchOptions): void {
  const { relaxed, known, shouldStop } = options;
  const budget = { nodes: options.mostNodes === Infinity ? 1e9 : options.mostNodes };
  const tries = { asked: 0, tried: 0, refuted: 0 };
  let step = STEP;
  let bound = Math.max(relaxed.bound, options.proven ?? -Infinity);
  const onBound = (proven: number): void => {
    if (proven > bound) options.onBound((bound = proven));
  };
  while (bound < known() && !shouldStop() && budget.nodes > 0) {
    const limit = nextLimit(bound, known(), step);
    const { nodes } = budget;
    const proven = proveLimit(limit, { budget, tries }, solver, { ...options, onBound });
    if (nodes - budget.nodes < FEW_NODES) step *= 2;
    onBound(proven);
    if (proven < Math.min(limit, known())) return;
  }
}

/** In even steps to what is near the best known, then on to that. */
function nextLimit(bound: number, known: number, step: number): number {
  const end = bound < NEAR * known ? NEAR * known : known;
  return bound + (end - bound) / Math.ceil((end - bound) / (step * known));
}

/** What is left to be solved, and how often branch and bound refuted what it looked at. */
interface Spent {
  readonly budget: { nodes: number };
  readonly tries: { asked: number; tried: number; refuted: number };
}

/** Whether the next branch is worth branch and bound, by what it did for others. */
function isWorthIt(tries: Spent["tries"]): boolean {
  const { tried, refuted } = tries;
  tries.asked += 1;
  return tried < TRIED || FEW_REFUTED * refuted >= tried || tries.asked % FEW_REFUTED === 0;
}

/** What is proven of anything below the limit: the limit, or less where something below it stays open. */
function proveLimit(
  limit: number,
  { budget, tries }: Spent,
  solver: Solver,
  options: RegionBranchOptions,
): number {
  const { rows, known, shouldStop, core = CORE, effort, onBound } = options;
  const { layers } = rows;
  const sets = [...rows.sets.filter((set) => (set & (set - 1)) === 0), MIXED];
  let left = limit;
  const open: Branch[] = [];
  const add = (branch: Branch): void => {
    // The least last, and of as low ones the newest.
    let at = open.length;
    while (at > 0 && reachedBy(open[at - 1]!) < reachedBy(branch)) at -= 1;
    open.splice(at, 0, branch);
  };
  add({ way: [], to: 0, relaxed: options.relaxed, proven: -Infinity, rest: 0 });
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const { way, to, relaxed } = branch;
    const reached = reachedBy(branch);
    if (reached >= Math.min(limit, known())) continue;
    onBound(Math.min(left, reached));
    if (shouldStop() || budget.nodes <= 0) return Math.min(left, reached);
    const columns = keepBelow(relaxed, limit);
    const whole = way.length === layers;
    let { proven, rest } = branch;
    const small = way.length === to && rest === 0 && columns.length <= core;
    if (whole || (small && isWorthIt(tries))) {
      budget.nodes -= 1;
      if (!whole) tries.tried += 1;
      proven = Math.max(proven, refute(way, columns, limit, solver, { ...options, effort }));
      if (!whole && proven >= limit) tries.refuted += 1;
      if (proven >= Math.min(limit, known())) continue;
      // Nothing is left to be split: that is the least that can be proven.
      if (whole) left = Math.min(left, Math.max(proven, relaxed.bound));
      if (whole) continue;
      rest = REST;
    }
    let within: Relaxed = relaxed;
    // Whoever is next, a node of the region that is left ends there: that alone often rules out all of them.
    if (way.length === to && way.length > 0 && way.at(-1) !== MIXED) {
      budget.nodes -= 1;
      const leaving = relaxWay(rows, way, columns, solver, { shouldStop, leaves: true });
      if (leaving === undefined) continue;
      if (leaving !== "open") within = leaving;
      if (within.bound >= Math.min(limit, known())) continue;
    }
    const kept = within === relaxed ? columns : keepBelow(within, limit);
    for (const next of split(branch, { layers, sets })) {
      if (next.way === way) {
        add({ ...next, relaxed, proven, rest });
        continue;
      }
      budget.nodes -= 1;
      const own = relaxWay(rows, next.way, kept, solver, { shouldStop });
      if (own === undefined) continue;
      add({
        ...next,
        relaxed: own === "open" ? within : own,
        proven: Math.max(proven, within.bound),
        rest: way.length === to ? Math.max(0, rest - 1) : rest,
      });
    }
  }
  return left;
}

/** What is proven of a branch. */
function reachedBy({ relaxed, proven }: Branch): number {
  return Math.max(relaxed.bound, proven);
}

/** Branch and bound for anything below the limit over the columns that could be in it. @returns what is proven. */
function refute(
  way: Way,
  columns: Int32Array,
  limit: number,
  solver: Solver,
  { rows, effort, shouldStop, onFound }: RegionBranchOptions,
): number {
  const found = solveWay(rows, way, columns, solver, { ...effort, cutoff: limit, shouldStop });
  if (found === undefined) return Infinity;
  if (found.columns !== undefined) onFound(found.columns);
  return found.status === "infeasible" ? limit : Math.min(found.bound, limit);
}

/** What a branch falls into. */
function split(
  { way, to }: Branch,
  { layers, sets }: { readonly layers: number; readonly sets: readonly RegionSet[] },
): readonly Pick<Branch, "way" | "to">[] {
  const from = way.length;
  if (from === to) {
    const others = sets.filter((set) => set !== way.at(-1));
    return others.map((set) => ({ way: [...way, set], to: layers }));
  }
  const middle = Math.floor((from + to) / 2);
  const longer = Array<RegionSet>(middle + 1 - from).fill(way.at(-1)!);
  return [
    { way, to: middle },
    { way: [...way, ...longer], to },
  ];
}
