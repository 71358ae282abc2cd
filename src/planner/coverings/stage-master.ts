import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import type { Random } from "../../core/random.js";
import { listWholeStages } from "./list-whole-stages.js";
import type { MachineClass } from "../problem/machine-classes.js";
import {
  priceStages,
  type StagePrices,
  type StageShape,
  type StageShapes,
} from "./price-stages.js";
import { stageKey, summariseStage, type StagePattern, type StageRates } from "./stage-tree.js";

/** Type-level planning problem: which stages, how often, so that all layers are covered. */
export interface StageProblem {
  readonly classes: readonly MachineClass[];
  readonly layers: number;
  readonly rates: StageRates;
  /** Whether stages may overlap, so that their layers may add up to more than the model's. */
  readonly overlap: boolean;
  readonly shape: StageShape;
  readonly maxDepth?: number;
  readonly maxNodesPerStage?: number;
}

export interface StageCount {
  readonly pattern: StagePattern;
  readonly count: number;
}

interface IntegerOptions {
  readonly nodeLimit: number;
  readonly seed: number;
  readonly shouldStop: () => boolean;
}

/** What the LP of a flow came to. */
interface StageRelaxation {
  /** Layers that stages in fractional numbers can cover. */
  readonly covered: number;
  readonly prices: StagePrices;
}

/** Patterns found so far, kept from one flow to the next: a pattern serves every flow up to its rate. */
export interface StageMaster {
  /** Generates the columns that the LP of this flow asks for. Covered < layers: not even fractionally (up to the grid). */
  relax(flow: number, steps: number, shouldStop: () => boolean): StageRelaxation;
  /**
   * Generates columns that whole numbers may ask for: the cheapest stages under prices a little off
   * the LP's, of which those too dear for any solution are left out (reduced-cost fixing).
   */
  enrich(flow: number, steps: number, relaxation: StageRelaxation, random: Random): void;
  /** Whole stages of the patterns found so far that cover the model at this flow, if any are found. */
  choose(flow: number, options: IntegerOptions): readonly StageCount[] | undefined;
}

const IMPROVEMENT = 1e-7;
/** Whole stages listed one by one rather than priced. */
const MOST_LISTED = 600;
/** How far prices are shaken, relative. */
const SHAKE = 0.1;

/**
 * Master of the stage model: maximise Σ_p layers_p·w_p subject to Σ_p usage_pt·w_p ≤ N_t and
 * Σ_p depth_p·w_p ≤ maxDepth. Rows: one per class (+ 1), columns by pricing, so its size does not
 * depend on the number of nodes.
 */
export function createStageMaster(problem: StageProblem, solver: Solver): StageMaster {
  const { classes, layers, rates, maxDepth, maxNodesPerStage } = problem;
  const supplies = classes.map(({ nodes }) => nodes.length);
  const pool = new Map<string, StagePattern>();

  const addRows = (builder: ModelBuilder): void => {
    for (const supply of supplies) builder.addRow({ lower: -Infinity, upper: supply });
    if (maxDepth !== undefined) builder.addRow({ lower: -Infinity, upper: maxDepth });
  };
  const toColumn = (pattern: StagePattern, integer: boolean): ColumnSpec => {
    const rows: number[] = [];
    const values: number[] = [];
    let upper = integer ? Math.ceil(layers / pattern.layers) : Infinity;
    pattern.usage.forEach((count, t) => {
      if (count === 0) return;
      rows.push(t);
      values.push(count);
      if (integer) upper = Math.min(upper, Math.floor(supplies[t]! / count));
    });
    if (maxDepth !== undefined) {
      rows.push(supplies.length);
      values.push(pattern.depth);
    }
    return { lower: 0, upper, cost: pattern.layers, integer, entries: [rows, values] };
  };
  const serving = (flow: number): readonly StagePattern[] =>
    [...pool.values()].filter(({ rate }) => rate >= flow);

  const shapes = (steps: number): StageShapes => ({
    shape: problem.shape,
    steps,
    ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
  });
  /** @returns whether the pattern is new, or better than the one it replaces. */
  const admit = (pattern: StagePattern, flow: number): boolean => {
    const key = stageKey(pattern);
    const known = pool.get(key);
    if (known !== undefined && known.rate >= flow) return false;
    pool.set(key, pattern);
    return true;
  };
  /** Adds the cheapest stage of every length under `using` that costs at most layers + allowance. */
  const generate = (
    flow: number,
    using: StagePrices,
    prices: StagePrices,
    shape: StageShapes,
    allowance: number,
  ): readonly StagePattern[] => {
    const priced = priceStages(rates, flow, using, shape);
    const added: StagePattern[] = [];
    for (let k = 1; k <= rates.most; k++) {
      if (priced.cost(k) === Infinity) continue;
      const pattern = summariseStage(priced.build(k), rates);
      const cost = pattern.usage.reduce(
        (sum, count, t) => sum + count * prices.node[t]!,
        pattern.depth * prices.depth,
      );
      if (cost <= k + allowance && admit(pattern, flow)) added.push(pattern);
    }
    return added;
  };

  return {
    relax(flow, steps, shouldStop) {
      const whole = listWholeStages(
        rates,
        flow,
        supplies,
        maxNodesPerStage ?? Infinity,
        MOST_LISTED,
      );
      for (const pattern of whole) admit(pattern, flow);
      const builder = createModelBuilder("maximize");
      addRows(builder);
      for (const pattern of serving(flow)) builder.addColumn(toColumn(pattern, false));
      const lp = solver.openLp(builder.build());
      let prices: StagePrices = { node: supplies.map((supply) => layers / supply), depth: 0 };
      let covered = 0;
      try {
        while (!shouldStop()) {
          if (lp.columnCount() > 0) {
            const result = lp.solve();
            if (result.status !== "optimal" || result.rowDuals === undefined) break;
            covered = result.objective!;
            const duals = result.rowDuals.map((dual) => Math.max(0, dual));
            prices = { node: duals, depth: maxDepth === undefined ? 0 : duals[supplies.length]! };
          }
          const allowance = lp.columnCount() > 0 ? -IMPROVEMENT : Infinity;
          const added = generate(flow, prices, prices, shapes(steps), allowance);
          if (added.length === 0) break;
          lp.addColumns(added.map((pattern) => toColumn(pattern, false)));
        }
      } finally {
        lp.dispose();
      }
      return { covered, prices };
    },

    enrich(flow, steps, { covered, prices }, random) {
      const shaken = Array.from(supplies, (_, t) => {
        return prices.node[t]! * (1 + SHAKE * (2 * random.next() - 1));
      });
      const using = { node: shaken, depth: prices.depth };
      generate(flow, using, prices, shapes(steps), covered - layers + IMPROVEMENT);
    },

    choose(flow, options) {
      const patterns = serving(flow);
      const builder = createModelBuilder("maximize");
      addRows(builder);
      for (const pattern of patterns) builder.addColumn(toColumn(pattern, true));
      const spare = problem.overlap ? rates.most - 1 : 0;
      const waste = builder.addColumn({ lower: 0, upper: spare, cost: -1 });
      builder.addRow({
        lower: -Infinity,
        upper: layers,
        entries: [
          [...patterns.keys(), waste],
          [...patterns.map((pattern) => pattern.layers), -1],
        ],
      });
      const result = solver.solve(builder.build(), {
        nodeLimit: options.nodeLimit,
        seed: options.seed,
        shouldStop: options.shouldStop,
        cutoff: layers - 0.5,
      });
      if (result.columns === undefined || result.objective! < layers - 0.5) return undefined;
      return patterns
        .map((pattern, p) => ({ pattern, count: Math.round(result.columns![p]!) }))
        .filter(({ count }) => count > 0);
    },
  };
}
