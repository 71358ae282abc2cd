import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import { withoutBeaten, type MachineClass, type PatternGroup } from "../problem/machine-classes.js";
import { OUTWARD, sumOfBest, truncatedSumBound } from "./compute-bounds.js";
import { findCheapestCover, type CoverItem } from "./cover-knapsack.js";

/** A node of a class holding so many layers, as something that covers a layer. */
export interface LayerItem {
  /** Index into the classes. */
  readonly machineClass: number;
  readonly layers: number;
  readonly rate: number;
}

/** What may cover one layer: item index per unit. */
interface Covering {
  readonly items: readonly number[];
  readonly rate: number;
}

export interface ConfigurationOptions {
  /** Most nodes over one layer. */
  readonly maxNodesPerStage?: number;
  /** Machines whose cards can be shared out; default: every class has its nodes. */
  readonly groups?: readonly PatternGroup[];
  /** Relative width of the last bracket. Default 1e-6. */
  readonly precision?: number;
  /** A throughput known to be feasible: where the bisection starts. */
  readonly feasible?: number;
  readonly shouldStop?: () => boolean;
  /** Looks at `shouldStop`, one per LP, after which it ends. Default: as many as it takes. */
  readonly mostRounds?: number;
}

/**
 * (c) Configuration LP. For a throughput F each layer is covered by a multiset of (class, k) items
 * with Σ T ≥ F, and an item of k layers costs a node 1/k per layer. F is refuted when no fractional
 * mix of coverings reaches L layers within the node counts. Coverings are generated: for any prices
 * y ≥ 0 of the classes, Σ_t N_t·y_t / (cheapest covering) bounds the layers that can be covered
 * (Farley 1990), so a refutation rests on the prices and the knapsack alone, never on the solver.
 *
 * Valid for every network, with and without partial inference: every token passes every layer on
 * some node that holds it. Pins, drained nodes and maxNodesPerStage are respected; other
 * constraints relaxed.
 * Strategies ask for the same bound one after another: what came to its end is not computed again.
 * @returns the least F refuted: an upper bound in tokens/s.
 */
export function configurationBound(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  options: ConfigurationOptions = {},
): number {
  const { maxNodesPerStage, precision, feasible, mostRounds = Infinity } = options;
  const machines = classes.map((own) => [own.nodes.length, own.options]);
  const key = JSON.stringify([
    solver.name,
    layers,
    machines,
    maxNodesPerStage ?? null,
    options.groups ?? null,
    precision ?? null,
    feasible ?? 0,
  ]);
  const known = settled.get(key);
  if (known !== undefined && known.rounds <= mostRounds) return known.bound;
  let rounds = 0;
  let stopped = false;
  const shouldStop = (): boolean => {
    stopped ||= ++rounds > mostRounds || options.shouldStop?.() === true;
    return stopped;
  };
  const bound = bisect(classes, layers, solver, { ...options, shouldStop });
  if (!stopped) {
    if (settled.size >= MOST_SETTLED) settled.clear();
    settled.set(key, { bound, rounds });
  }
  return bound;
}

/** Bounds that came to their end, with the rounds it took: fewer rounds would have ended elsewhere. */
const settled = new Map<string, { readonly bound: number; readonly rounds: number }>();
const MOST_SETTLED = 64;

function bisect(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  options: ConfigurationOptions,
): number {
  const start = truncatedSumBound(classes, layers, options.groups);
  const covers = createCoverPool(classes, layers, solver, options);
  const precision = options.precision ?? 1e-6;
  let infeasible = start;
  let feasible = Math.min(options.feasible ?? 0, start);
  while (infeasible - feasible > Math.max(precision * infeasible, 1e-9 * start)) {
    if (options.shouldStop?.() === true) break;
    const flow = feasible === 0 ? infeasible * 0.8 : (feasible + infeasible) / 2;
    if (covers.refutes(flow)) infeasible = flow;
    else feasible = flow;
  }
  return infeasible;
}

/** Items worth having: more layers at the same rate or better always cover more. */
export function listLayerItems(classes: readonly MachineClass[]): readonly LayerItem[] {
  return classes.flatMap(({ options }, machineClass) =>
    withoutBeaten(options).map(({ layers, rate }) => ({ machineClass, layers, rate })),
  );
}

/** The configuration LP of one F, solved. */
interface CoverRelaxation {
  /** At most so many layers can be covered. */
  readonly layersBound: number;
  /** Price of a node by class: every covering of a layer costs at least 1, an item of k layers 1/k of it. */
  readonly prices: readonly number[];
  /** By group and pattern, machines that the best mix has of it; empty where nothing was solved. */
  readonly patterns: readonly (readonly number[])[];
}

/** Coverings found so far, kept from one F to the next. */
export interface CoverPool {
  /** Solves the configuration LP of this flow; undefined if it was stopped or the solver failed. */
  relax(flow: number): CoverRelaxation | undefined;
  /** Whether no placement can reach this flow. Never true wrongly. */
  refutes(flow: number): boolean;
}

export function createCoverPool(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  options: ConfigurationOptions,
): CoverPool {
  const items = listLayerItems(classes);
  const { groups = [] } = options;
  const supplies = classes.map(({ nodes }) => nodes.length);
  const groupLimits = listMost(supplies, groups);
  const limits = { groupLimits, maxItems: options.maxNodesPerStage ?? Infinity };
  const pool: Covering[] = [];

  const toColumn = (covering: Covering): ColumnSpec => {
    const rows = covering.items.map((item) => items[item]!.machineClass);
    const values = covering.items.map((item) => 1 / items[item]!.layers);
    return { lower: 0, upper: Infinity, cost: 1, entries: [rows, values] };
  };
  const price = (y: readonly number[], required: number): ReturnType<typeof findCheapestCover> => {
    const priced: CoverItem[] = items.map(({ machineClass, layers: held, rate }) => ({
      rate,
      cost: y[machineClass]! / held,
      group: machineClass,
    }));
    return findCheapestCover(priced, required, limits);
  };

  /** To the end, or only until it is known whether the bound stays below `layers`. */
  const solve = (flow: number, toTheEnd: boolean): CoverRelaxation | undefined => {
    const required = flow * (1 - OUTWARD);
    const builder = createModelBuilder("maximize");
    for (const supply of supplies) builder.addRow({ lower: -Infinity, upper: supply });
    const shared = addPatterns(builder, groups, supplies.length);
    for (const covering of pool)
      if (covering.rate >= required) builder.addColumn(toColumn(covering));
    let y: readonly number[] = groupLimits.map((most) => 1 / Math.max(1, most));
    let patterns: readonly (readonly number[])[] = [];
    let best: CoverRelaxation | undefined;
    const lp = solver.openLp(builder.build());
    try {
      while (options.shouldStop?.() !== true) {
        if (lp.columnCount() > shared) {
          const result = lp.solve();
          if (result.status !== "optimal" || result.rowDuals === undefined) return undefined;
          patterns = readPatterns(groups, result.columns);
          if (!toTheEnd && result.objective! >= layers * (1 - OUTWARD)) return undefined;
          y = Array.from(result.rowDuals.slice(0, supplies.length), (dual) => Math.max(0, dual));
        }
        const { lowerBound, cover, cost } = price(y, required);
        const layersBound = sumOfBest(classes, groups, y) / lowerBound;
        if (!(layersBound >= (best?.layersBound ?? Infinity)))
          best = { layersBound, prices: y.map((dual) => dual / lowerBound), patterns };
        else if (best !== undefined) best = { ...best, patterns };
        if (!toTheEnd && layersBound < layers * (1 - OUTWARD)) return best;
        const improves = lp.columnCount() === shared || cost < 1 - OUTWARD;
        if (cover === undefined || !improves) return best;
        const covering = { items: cover, rate: sumRates(items, cover) };
        pool.push(covering);
        lp.addColumns([toColumn(covering)]);
      }
      return undefined;
    } finally {
      lp.dispose();
    }
  };

  return {
    relax: (flow) => solve(flow, true),
    refutes(flow) {
      const relaxation = solve(flow, false);
      return relaxation !== undefined && relaxation.layersBound < layers * (1 - OUTWARD);
    },
  };
}

/** Most nodes of each class in all, of those that are there and those that machines can be shared out in. */
export function listMost(
  supplies: readonly number[],
  groups: readonly PatternGroup[],
): readonly number[] {
  const most = [...supplies];
  for (const { machines, patterns } of groups) {
    const each = new Map<number, number>();
    for (const [t, count] of patterns.flat()) each.set(t, Math.max(each.get(t) ?? 0, count));
    for (const [t, count] of each) most[t]! += machines * count;
  }
  return most;
}

/**
 * A row per group behind those of the classes, and a column per pattern: machines that take it, whose parts the
 * classes then have. @returns the number of columns.
 */
export function addPatterns(
  builder: ModelBuilder,
  groups: readonly PatternGroup[],
  classRows: number,
): number {
  groups.forEach(({ machines }) => builder.addRow({ lower: -Infinity, upper: machines }));
  let count = 0;
  groups.forEach(({ machines, patterns, inFractions }, group) => {
    for (const pattern of patterns) {
      count += 1;
      const rows = [...pattern.map(([t]) => t), classRows + group];
      const values = [...pattern.map(([, parts]) => -parts), 1];
      const entries = [rows, values] as const;
      const integer = inFractions !== true;
      builder.addColumn({ lower: 0, upper: machines, cost: 0, integer, entries });
    }
  });
  return count;
}

/** Pattern columns come first, group by group. */
export function readPatterns(
  groups: readonly PatternGroup[],
  columns: Float64Array | undefined,
): readonly (readonly number[])[] {
  let at = 0;
  return groups.map(({ patterns }) => patterns.map(() => columns?.[at++] ?? 0));
}

function sumRates(items: readonly LayerItem[], cover: readonly number[]): number {
  return cover.reduce((sum, item) => sum + items[item]!.rate, 0);
}
