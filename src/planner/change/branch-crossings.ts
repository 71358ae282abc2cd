import type { LinearModel } from "../../math/lp/linear-model.js";
import type { PersistentLp, Solver } from "../../math/lp/solver.js";

export interface CrossingOptions {
  /** By border, the columns that say whether anything crosses, a direction each. */
  readonly crossings: readonly (readonly number[])[];
  /** The bound of the relaxation without any branch. */
  readonly relaxed: number;
  /** Relaxations solved at most. */
  readonly mostNodes: number;
  /** What is as high needs no proof. */
  readonly known: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each higher bound. */
  readonly onBound: (bound: number) => void;
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
}

/**
 * Branches on where tokens go from one region to another first, then where next. The relaxation lets a little cross at every border,
 * which costs nothing; to cross at one border takes nodes that end there and others that hold what follows. Best bound first,
 * borders by halves. Each branch's relaxation begins from the last basis. The least of the open ones is a bound for all.
 */
export function branchOnCrossings(
  model: LinearModel,
  solver: Solver,
  options: CrossingOptions,
): void {
  const { crossings, mostNodes, known, shouldStop, onBound } = options;
  const lp = solver.openLp(model);
  const set = createSetter(lp, crossings);
  let bound = options.relaxed;
  let open: Branch[] = [{ bound, next: { kind: "open", from: 1 }, ones: [], zeros: [] }];
  for (let nodes = 0; nodes < mostNodes;) {
    const least = open.reduce((low, each) => Math.min(low, each.bound), Infinity);
    if (least > bound) onBound((bound = least));
    const branch = open.find((each) => each.bound === least);
    if (branch === undefined || least >= known() || shouldStop()) break;
    const children = split(branch, crossings);
    // Nothing is left to decide.
    if (children.length === 0) break;
    open = open.filter((each) => each !== branch);
    for (const child of children) {
      set(child);
      const solved = lp.solve({ shouldStop });
      nodes += 1;
      if (solved.status === "infeasible") continue;
      const proven = solved.status === "optimal" ? solved.bound : least;
      open.push({ ...child, bound: Math.max(least, proven) });
    }
  }
  lp.dispose();
}

/** What a branch falls into; nothing where no crossing is open. */
function split(branch: Branch, crossings: readonly (readonly number[])[]): readonly Branch[] {
  const { next, ones, zeros } = branch;
  const end = crossings.length;
  if (next.kind === "none") return [];
  if (next.kind === "open") {
    const { from } = next;
    if (from >= end) return [];
    return [
      { ...branch, next: { kind: "none", from } },
      { ...branch, next: { kind: "within", from, to: end } },
    ];
  }
  const { from, to } = next;
  const columns = crossings[from]!;
  if (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    const skipped = crossings.slice(from, middle).flat();
    return [
      { ...branch, next: { kind: "within", from, to: middle } },
      { ...branch, next: { kind: "within", from: middle, to }, zeros: [...zeros, ...skipped] },
    ];
  }
  // The first direction that is taken; those after it stay open.
  return columns.map((column, at) => ({
    ...branch,
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
    const columns = crossings.slice(from, to).flat();
    const known = rows.get(key);
    if (known !== undefined) return known;
    const entries = [columns, columns.map(() => 1)] as const;
    const row = lp.addRows([{ lower: -Infinity, upper: Infinity, entries }]);
    rows.set(key, row);
    return row;
  };
  return ({ next, ones, zeros }) => {
    const wanted = new Map<number, number>(zeros.map((column) => [column, 0]));
    for (const column of ones) wanted.set(column, 1);
    if (next.kind === "none")
      for (const column of crossings.slice(next.from).flat()) wanted.set(column, 0);
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
