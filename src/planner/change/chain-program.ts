import type { LinearModel } from "../../math/lp/linear-model.js";
import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../../math/lp/model-builder.js";
import type { PersistentLp, Solver } from "../../math/lp/solver.js";
import { indexOf, type ChainSpace } from "./chain-space.js";
import type { ChainStep } from "./cheapest-chain.js";
import { ROUNDING } from "./cover-model.js";

/** A chain of a level, and what it loads in layers of the largest kind. */
export interface ChainColumn {
  readonly level: number;
  readonly nodes: readonly ChainStep[];
  readonly cost: number;
  /** Nodes by class. */
  readonly taken: ReadonlyMap<number, number>;
}

/** Something that is counted of chains, and how much of it there is in one; the key says the same. */
export interface Counted {
  readonly key: string;
  readonly of: (column: ChainColumn) => number;
}

/** What a relaxation says: shares of chains, prices of nodes and of the floor, and what each row of a branch is worth. */
export interface SolvedChains {
  /** In layers. */
  readonly loads: number;
  readonly shares: readonly number[];
  readonly prices: Float64Array;
  readonly worth: number;
  readonly dualOf: (key: string) => number;
}

/** Limits of what is counted: at least, at most. */
export type Limits = ReadonlyMap<string, readonly [number, number]>;

/** Minimise Σ bytes_c · x_c: the chains that are known so far, with a row for each class, for the floor and for what is counted. */
export interface ChainProgram {
  readonly columns: () => readonly ChainColumn[];
  /** Those of least reduced cost in the last relaxation first. */
  readonly sorted: () => readonly ChainColumn[];
  /** Adds chains that are not known; @returns how many those are. */
  add(chains: readonly { readonly level: number; readonly nodes: readonly ChainStep[] }[]): number;
  /** Sets what is counted; all else counts for nothing. */
  limit(counted: readonly Counted[], limits: Limits): void;
  solve(shouldStop: () => boolean): SolvedChains | undefined;
  /** Whole chains among those of least reduced cost in the last relaxation: the model, and its columns. */
  core(most: number): { readonly model: LinearModel; readonly columns: readonly ChainColumn[] };
  dispose(): void;
}

/** What is missing of the floor, or of what is counted, in layers: more than any change. */
const MISSING = 1e5;
/** Columns above which those of largest reduced cost are left behind, and how many stay. */
const MOST_COLUMNS = 4000;
const KEPT_COLUMNS = 1500;

interface Known extends ChainColumn {
  readonly key: string;
  readonly entries: readonly [number[], number[]];
}

export function openChainProgram(space: ChainSpace, solver: Solver): ChainProgram {
  const { classes } = space;
  let known: Known[] = [];
  let keys = new Set<string>();
  let lp = openLp();
  /** Of each chain in the program. */
  let positions: number[] = [];
  let rows = new Map<string, Counted & { readonly row: number }>();
  /** What is asked of it now. */
  let asked: readonly [readonly Counted[], Limits] = [[], new Map()];
  let reduced: Float64Array | undefined;

  function openLp(): PersistentLp {
    const builder = startModel(classes);
    const entries = [[classes.length], [1]] as const;
    builder.addColumn({ lower: 0, upper: Infinity, cost: MISSING, entries });
    return solver.openLp(builder.build());
  }

  function append(chains: readonly Known[]): void {
    const specs = chains.map((column): ColumnSpec => {
      const [at, by] = [[...column.entries[0]], [...column.entries[1]]];
      for (const { row, of } of rows.values()) {
        const held = of(column);
        if (held === 0) continue;
        at.push(row);
        by.push(held);
      }
      return { lower: 0, upper: Infinity, cost: column.cost, entries: [at, by] };
    });
    const first = lp.addColumns(specs);
    chains.forEach((column, at) => {
      known.push(column);
      positions.push(first + at);
      keys.add(column.key);
    });
  }

  function byReducedCost(): readonly number[] {
    const costOf = (at: number): number => reduced?.[positions[at]!] ?? Infinity;
    return [...known.keys()].sort((a, b) => costOf(a) - costOf(b));
  }

  /** Begins anew with the chains of least reduced cost. */
  function shrink(): void {
    const kept = byReducedCost()
      .slice(0, KEPT_COLUMNS)
      .map((at) => known[at]!);
    lp.dispose();
    lp = openLp();
    [known, positions, keys, rows] = [[], [], new Set(), new Map()];
    append(kept);
  }

  function rowOf(counted: Counted): number {
    const old = rows.get(counted.key);
    if (old !== undefined) return old.row;
    const own = known.flatMap((column, at) => {
      const held = counted.of(column);
      return held === 0 ? [] : [[positions[at]!, held] as const];
    });
    const entries = [own.map(([at]) => at), own.map(([, by]) => by)] as const;
    const row = lp.addRows([{ lower: -Infinity, upper: Infinity, entries }]);
    lp.addColumns([{ lower: 0, upper: Infinity, cost: MISSING, entries: [[row], [1]] }]);
    rows.set(counted.key, { ...counted, row });
    return row;
  }

  function ask(): void {
    const [counted, limits] = asked;
    counted.forEach(rowOf);
    for (const [key, { row }] of rows) {
      const [least, most] = limits.get(key) ?? [-Infinity, Infinity];
      lp.changeRowBounds(row, least, most);
    }
  }

  return {
    columns: () => known,
    sorted: () => byReducedCost().map((at) => known[at]!),
    add(chains) {
      const fresh = new Map(
        chains
          .map(({ level, nodes }) => describe(space, level, nodes))
          .filter(({ key }) => !keys.has(key))
          .map((column) => [column.key, column]),
      );
      append([...fresh.values()]);
      return fresh.size;
    },
    limit(counted, limits) {
      asked = [counted, limits];
      if (known.length > MOST_COLUMNS) shrink();
      ask();
    },
    solve(shouldStop) {
      let solved = lp.solve({ shouldStop });
      if (solved.status !== "optimal" && !shouldStop()) {
        // Rows and columns of other branches make a program in which the solver errs; this one's alone are far fewer.
        shrink();
        ask();
        solved = lp.solve({ shouldStop });
      }
      // Prices prove what they prove, however far from the best ones they are.
      const { objective, columns, rowDuals, reducedCosts } = solved;
      if (columns === undefined || rowDuals === undefined) return undefined;
      reduced = reducedCosts;
      const dualOf = (key: string): number => rowDuals[rows.get(key)!.row]!;
      return {
        loads: objective ?? Infinity,
        shares: positions.map((at) => columns[at]!),
        prices: Float64Array.from(classes, (_, at) => Math.max(0, -rowDuals[at]!)),
        worth: Math.max(0, rowDuals[classes.length]!),
        dualOf,
      };
    },
    core(most) {
      const order = byReducedCost().slice(0, most);
      const builder = startModel(classes);
      for (const at of order) {
        const { cost, entries } = known[at]!;
        builder.addColumn({ lower: 0, upper: 100, cost, integer: true, entries });
      }
      return { model: builder.build(), columns: order.map((at) => known[at]!) };
    },
    dispose: () => {
      lp.dispose();
    },
  };
}

/** A row for each class and one for the floor. */
function startModel(classes: ChainSpace["classes"]): ModelBuilder {
  const builder = createModelBuilder("minimize");
  for (const { nodes } of classes) builder.addRow({ lower: -Infinity, upper: nodes.length });
  builder.addRow({ lower: 1 - ROUNDING, upper: Infinity });
  return builder;
}

function describe(
  { classes, levels, layers }: ChainSpace,
  level: number,
  nodes: readonly ChainStep[],
): Known {
  const taken = new Map<number, number>();
  let cost = 0;
  for (const [at, start, end] of nodes) {
    taken.set(at, (taken.get(at) ?? 0) + 1);
    cost += classes[at]!.bytes[indexOf(layers, [start, end])]!;
  }
  const entries: Known["entries"] = [
    [...taken.keys(), classes.length],
    [...taken.values(), levels[level]!.share],
  ];
  return { level, nodes, cost, taken, entries, key: `${level} ${nodes.join(" ")}` };
}
