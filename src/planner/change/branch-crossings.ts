import type { LinearModel } from "../../math/lp/linear-model.js";
import { extendModel, type RowSpec } from "../../math/lp/model-builder.js";
import type { PersistentLp, SolveOptions, Solver } from "../../math/lp/solver.js";
import { ROUNDING } from "./cover-model.js";

export interface CrossingOptions {
  /** The program; its relaxation is solved with rows that only fractions break, too. */
  readonly model: LinearModel;
  readonly tightened: LinearModel;
  /** By border, the columns that say whether anything crosses, a direction each. */
  readonly crossings: readonly (readonly number[])[];
  /** The columns that come first, whose reduced costs rule them out. */
  readonly columns: number;
  /** The bound of the relaxation without any branch. */
  readonly relaxed: number;
  /** Relaxations solved at most. */
  readonly mostNodes: number;
  /** Of one branch and bound: seconds at most, nodes at most. */
  readonly effort: Pick<SolveOptions, "timeLimitSeconds" | "nodeLimit">;
  /** Columns that branch and bound looks at; a branch that leaves more is split first. Default 1,000. */
  readonly core?: number;
  /** What is as high needs no proof. */
  readonly known: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound. */
  readonly onBound: (bound: number) => void;
  /** Told of whole solutions below what is known. */
  readonly onFound: (columns: Float64Array) => void;
}

/** Where tokens cross next: at a border of [from, to), at one behind `from` or at none, or at none any more. */
type Next =
  | { readonly kind: "within"; readonly from: number; readonly to: number }
  | { readonly kind: "open"; readonly from: number }
  | { readonly kind: "none"; readonly from: number };

interface Branch {
  readonly bound: number;
  readonly next: Next;
  /** Columns that are 1, and columns that are 0, of the borders before. */
  readonly ones: readonly number[];
  readonly zeros: readonly number[];
  /** Its relaxation: what that loads, which may be less than what is proven, and the reduced costs beside it. */
  readonly relaxed?: { readonly bound: number; readonly reducedCosts: Float64Array };
  /** What branch and bound was to reach and did not, and how often. */
  readonly missed?: number;
  readonly tries?: number;
  /** A whole solution has just this bound. */
  readonly met?: boolean;
}

/** What is to be proven first, as a share of what is known; then the rest. */
const FIRST_TARGET = 0.9;
const CORE = 1000;

/**
 * Branches on where tokens go from one region to another first, then where next. The relaxation lets a little cross at every border,
 * which costs nothing; to cross at one border takes nodes that end there and others that hold what follows. Best bound first,
 * borders by halves. Each branch's relaxation begins from the last basis. Of what a branch's reduced costs leave, branch and bound
 * often proves soon that nothing is below what is to be proven. The least of the open ones is a bound for all.
 */
export function branchOnCrossings(solver: Solver, options: CrossingOptions): void {
  const { crossings, mostNodes, known, shouldStop, onBound } = options;
  const lp = solver.openLp(options.tightened);
  const set = createSetter(lp, crossings);
  let bound = options.relaxed;
  let open: Branch[] = [{ bound, next: { kind: "open", from: 1 }, ones: [], zeros: [] }];
  for (let nodes = 0; nodes < mostNodes;) {
    const least = open.reduce((low, each) => Math.min(low, each.bound), Infinity);
    if (least > bound) onBound((bound = least));
    const branch = open.find((each) => each.bound === least);
    if (branch === undefined || least >= known() || shouldStop()) break;
    open = open.filter((each) => each !== branch);
    const target = known() * (least < known() * FIRST_TARGET ? FIRST_TARGET : 1);
    const children = split(branch, crossings);
    const whole = children.length === 0;
    // What cannot be split and is met, or has no relaxation, is the least that can be proven.
    if (whole && (branch.met === true || branch.relaxed === undefined)) break;
    if (whole || (branch.missed !== target && isSmall(branch, target, options))) {
      open.push(refute(branch, target, solver, options));
      nodes += 1;
      continue;
    }
    for (const child of children) {
      set(child);
      const solved = lp.solve({ shouldStop });
      nodes += 1;
      if (solved.status === "infeasible") continue;
      const { bound: own, reducedCosts } = solved;
      if (solved.status !== "optimal" || reducedCosts === undefined) open.push(child);
      else
        open.push({ ...child, bound: Math.max(least, own), relaxed: { bound: own, reducedCosts } });
    }
  }
  lp.dispose();
}

/** Whether few columns could be in a solution below the target. */
function isSmall(
  { relaxed }: Branch,
  target: number,
  { columns, core = CORE }: CrossingOptions,
): boolean {
  if (relaxed === undefined) return false;
  let few = 0;
  for (let column = 0; column < columns; column++)
    if (relaxed.reducedCosts[column]! <= target - relaxed.bound) few += 1;
  return few <= core;
}

/**
 * Branch and bound for anything below the target, over the columns that could be in it: a solution with any other costs
 * the branch's relaxation and that column's reduced cost at least. @returns the branch with what is proven of it.
 */
function refute(
  branch: Branch,
  target: number,
  solver: Solver,
  { model, crossings, columns, core = CORE, effort, shouldStop, onFound }: CrossingOptions,
): Branch {
  const { bound, ones, next, tries = 0 } = branch;
  const { bound: least, reducedCosts } = branch.relaxed!;
  const [columnLower, columnUpper] = [model.columnLower.slice(), model.columnUpper.slice()];
  const sorted = reducedCosts.slice(0, columns).sort();
  const within = Math.min(target, least + (sorted[core * 2 ** tries] ?? Infinity));
  if (within <= bound) return { ...branch, missed: target, tries: tries + 1 };
  const spare = (within - least) * (1 + ROUNDING) + ROUNDING;
  for (let column = 0; column < columns; column++)
    if (reducedCosts[column]! > spare) columnUpper[column] = 0;
  for (const column of listZeros(branch, crossings)) columnUpper[column] = 0;
  for (const column of ones) columnLower[column] = 1;
  const builder = extendModel({ ...model, columnLower, columnUpper });
  if (next.kind === "within") builder.addRow(oneWithin(crossings, next.from, next.to));
  const { timeLimitSeconds = Infinity, nodeLimit = Infinity } = effort;
  const found = solver.solve(builder.build(), {
    cutoff: within,
    timeLimitSeconds: timeLimitSeconds * 2 ** tries,
    nodeLimit: nodeLimit * 2 ** tries,
    shouldStop,
  });
  if (found.columns !== undefined) onFound(found.columns);
  const proven = found.status === "infeasible" ? within : Math.min(found.bound, within);
  const met = found.status === "optimal";
  const missed = proven < within ? { missed: target, tries: tries + 1, met } : {};
  return { ...branch, bound: Math.max(bound, proven), ...missed };
}

function listZeros(
  { next, zeros }: Branch,
  crossings: readonly (readonly number[])[],
): readonly number[] {
  return next.kind === "none" ? [...zeros, ...crossings.slice(next.from).flat()] : zeros;
}

/** Something crosses at a border of a range. */
function oneWithin(crossings: readonly (readonly number[])[], from: number, to: number): RowSpec {
  const columns = crossings.slice(from, to).flat();
  return { lower: 1, upper: Infinity, entries: [columns, columns.map(() => 1)] };
}

/** What a branch falls into; nothing where no crossing is open. */
function split(branch: Branch, crossings: readonly (readonly number[])[]): readonly Branch[] {
  const { bound, next, ones, zeros } = branch;
  const kept = { bound, ones, zeros };
  const end = crossings.length;
  if (next.kind === "none") return [];
  if (next.kind === "open") {
    const { from } = next;
    if (from >= end) return [];
    return [
      { ...kept, next: { kind: "none", from } },
      { ...kept, next: { kind: "within", from, to: end } },
    ];
  }
  const { from, to } = next;
  const columns = crossings[from]!;
  if (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    const skipped = crossings.slice(from, middle).flat();
    return [
      { ...kept, next: { kind: "within", from, to: middle } },
      { ...kept, next: { kind: "within", from: middle, to }, zeros: [...zeros, ...skipped] },
    ];
  }
  // The first direction that is taken; those after it stay open.
  return columns.map((column, at) => ({
    ...kept,
    next: { kind: "open", from: from + 1 },
    ones: [...ones, column],
    zeros: [...zeros, ...columns.slice(0, at)],
  }));
}

/** Makes the open LP that of a branch. */
function createSetter(
  lp: PersistentLp,
  crossings: readonly (readonly number[])[],
): (branch: Branch) => void {
  const rows = new Map<string, number>();
  let [fixed, asked]: [ReadonlyMap<number, number>, number | undefined] = [new Map(), undefined];
  /** The row by which something crosses at a border of a range. */
  const rowOf = (from: number, to: number): number => {
    const key = `${from} ${to}`;
    const known = rows.get(key);
    if (known !== undefined) return known;
    const row = lp.addRows([{ ...oneWithin(crossings, from, to), lower: -Infinity }]);
    rows.set(key, row);
    return row;
  };
  return (branch) => {
    const { next, ones } = branch;
    const wanted = new Map<number, number>(listZeros(branch, crossings).map((each) => [each, 0]));
    for (const column of ones) wanted.set(column, 1);
    for (const column of fixed.keys()) if (!wanted.has(column)) lp.changeColumnBounds(column, 0, 1);
    for (const [column, value] of wanted)
      if (fixed.get(column) !== value) lp.changeColumnBounds(column, value, value);
    fixed = wanted;
    const row = next.kind === "within" ? rowOf(next.from, next.to) : undefined;
    if (asked !== undefined && asked !== row) lp.changeRowBounds(asked, -Infinity, Infinity);
    if (row !== undefined && asked !== row) lp.changeRowBounds(row, 1, Infinity);
    asked = row;
  };
}
