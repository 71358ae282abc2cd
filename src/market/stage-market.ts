import {
  createModelBuilder,
  type ColumnSpec,
  type ModelBuilder,
} from "../math/lp/model-builder.js";
import type { Solver } from "../math/lp/solver.js";
import { listWholeStages } from "../planner/coverings/list-whole-stages.js";
import { priceStages } from "../planner/coverings/price-stages.js";
import type { StageCount } from "../planner/coverings/stage-master.js";
import { tabulateStageRates } from "../planner/coverings/stage-rates.js";
import {
  stageKey,
  summariseStage,
  type StagePattern,
  type StageRates,
} from "../planner/coverings/stage-tree.js";
import { createRandom } from "../core/random.js";
import { entryRate } from "./entry-rate.js";
import type { MixProblem } from "./mix-problem.js";
import type { MixStock } from "./mix-stock.js";

/** Stages bought to cover the model, at a price. */
export interface StagePurchase {
  /** In regional order. */
  readonly stages: readonly StageCount[];
  readonly pricePerHour: number;
}

/** The fractional purchase. */
interface StageRelaxation {
  readonly pricePerHour: number;
  /** What one more machine is worth, its price included, by stock. */
  readonly machine: readonly number[];
  /** What a layer costs. */
  readonly layer: number;
}

export interface StageRequest {
  /** Tokens/s that every stage must carry. */
  readonly flow: number;
  /** Machines left by stock. */
  readonly left: readonly number[];
  readonly mostPrice: number;
}

/** Buys stages. Those found are kept from one request to the next. */
export interface StageMarket {
  /** The fractional purchase; undefined when the layers cannot be covered or it was stopped. */
  relax(request: StageRequest, precision?: "coarse" | "fine"): StageRelaxation | undefined;
  /** Whole stages for no more than the price asked, if any are found: the first, or the cheapest. */
  buy(request: StageRequest, wanted: "first" | "cheapest"): StagePurchase | undefined;
}

/** Longest stage priced, in layers. */
const LONGEST = 40;
/** Grids of the pricing: a coarse one first. */
const GRIDS = [200, 1000];
const MOST_ROUNDS = 60;
const MOST_LISTED = 300;
/** Rounds of prices shaken by so much, for stages that only whole numbers ask for. */
const SHAKES = 5;
const SHAKE = 0.1;
/** Columns of the integer program, those of least reduced cost first. */
const MOST_COLUMNS = 1500;
const NODE_LIMIT = 300;
const IMPROVEMENT = 1e-7;

/**
 * The stage model with numbers of machines as variables: minimise Σ_p price_p·w_p subject to
 * Σ_p layers_p·w_p ≥ L and Σ_p usage_ps·w_p ≤ left_s, w integer. A stage stays within a region, so
 * tokens cross between regions only where stages of different regions meet. Columns by the pricing
 * of the stage models, a node costing its rent and the dual of its row.
 */
export function createStageMarket(
  stocks: readonly MixStock[],
  { layers, partialInference, route }: MixProblem,
  solver: Solver,
  shouldStop: () => boolean,
): StageMarket {
  const supplies = stocks.map(({ available }) => available);
  const places = route.regions.map((region) =>
    tabulateRegion(stocks, region, layers, partialInference),
  );
  const pool = new Map<string, { readonly pattern: StagePattern; readonly place: number }>();
  const random = createRandom(1);
  const overlap = partialInference ? LONGEST - 1 : 0;
  const rent = ({ usage }: StagePattern): number =>
    usage.reduce((sum, count, s) => sum + count * stocks[s]!.pricePerHour, 0);

  const admit = (pattern: StagePattern, place: number, flow: number): boolean => {
    const key = stageKey(pattern);
    if ((pool.get(key)?.pattern.rate ?? 0) >= flow) return false;
    pool.set(key, { pattern, place });
    return true;
  };
  const serving = (flow: number): readonly StagePattern[] =>
    [...pool.values()].map(({ pattern }) => pattern).filter(({ rate }) => rate >= flow);
  const reducedCost = (pattern: StagePattern, { machine, layer }: StageRelaxation): number =>
    pattern.usage.reduce((sum, count, s) => sum + count * machine[s]!, -pattern.layers * layer);
  /** The cheapest stages of every length and region whose reduced cost at `at` is low enough. */
  const generate = (
    flow: number,
    using: readonly number[],
    at: StageRelaxation,
    most: number,
    steps: number,
  ): readonly StagePattern[] => {
    const added: StagePattern[] = [];
    places.forEach((rates, place) => {
      const priced = priceStages(
        rates,
        flow,
        { node: using, depth: 0 },
        { shape: "pieces", steps },
      );
      for (let k = 1; k <= rates.most; k++) {
        if (priced.cost(k) === Infinity) continue;
        const pattern = summariseStage(priced.build(k), rates);
        if (reducedCost(pattern, at) <= most && admit(pattern, place, flow)) added.push(pattern);
      }
    });
    return added;
  };
  const toColumn = (pattern: StagePattern, left: readonly number[] | undefined): ColumnSpec => {
    const rows: number[] = [];
    const values: number[] = [];
    let upper = Infinity;
    pattern.usage.forEach((count, s) => {
      if (count === 0) return;
      rows.push(s);
      values.push(count);
      if (left !== undefined) upper = Math.min(upper, Math.floor(left[s]! / count));
    });
    const entries = [
      [...rows, stocks.length],
      [...values, pattern.layers],
    ] as const;
    if (left === undefined) return { lower: 0, upper, cost: rent(pattern), entries };
    upper = Math.min(upper, Math.ceil(layers / pattern.layers));
    return { lower: 0, upper, cost: rent(pattern), entries, integer: true };
  };

  const relax: StageMarket["relax"] = ({ flow, left }, precision = "fine") => {
    places.forEach((rates, place) => {
      const whole = listWholeStages(rates, flow, supplies, Infinity, MOST_LISTED);
      for (const pattern of whole) admit(pattern, place, flow);
    });
    const builder = createModelBuilder("minimize");
    for (const count of left) builder.addRow({ lower: -Infinity, upper: count });
    const layerRow = builder.addRow({ lower: layers, upper: Infinity });
    const all = stocks.reduce((sum, s) => sum + s.available * s.pricePerHour, 1);
    const missing = builder.addColumn({
      lower: 0,
      upper: Infinity,
      cost: 10 * all,
      entries: [[layerRow], [1]],
    });
    for (const pattern of serving(flow)) builder.addColumn(toColumn(pattern, undefined));
    const lp = solver.openLp(builder.build());
    const grids = precision === "coarse" ? GRIDS.slice(0, 1) : GRIDS;
    let grid = 0;
    try {
      for (let round = 0; round < MOST_ROUNDS && !shouldStop(); round++) {
        const { status, objective, rowDuals, columns } = lp.solve();
        if (status !== "optimal" || rowDuals === undefined) return undefined;
        const machine = stocks.map((s, i) => s.pricePerHour + Math.max(0, -rowDuals[i]!));
        const layer = Math.max(0, rowDuals[layerRow]!);
        const relaxation = { pricePerHour: objective!, machine, layer };
        const below = -IMPROVEMENT * Math.max(layer, 1e-9);
        const added = generate(flow, machine, relaxation, below, grids[grid]!);
        if (added.length > 0) lp.addColumns(added.map((p) => toColumn(p, undefined)));
        else if (++grid === grids.length) return columns![missing]! > 1e-6 ? undefined : relaxation;
      }
      return undefined;
    } finally {
      lp.dispose();
    }
  };

  return {
    relax,
    buy(request, wanted) {
      const { flow, left, mostPrice } = request;
      const relaxation = relax(request);
      const slack = mostPrice - (relaxation?.pricePerHour ?? Infinity);
      if (relaxation === undefined || slack < 0) return undefined;
      for (let shake = 0; shake < SHAKES && !shouldStop(); shake++) {
        const off = relaxation.machine.map((y) => y * (1 + SHAKE * (2 * random.next() - 1)));
        generate(flow, off, relaxation, slack, GRIDS[0]!);
      }
      const columns = serving(flow)
        .filter(({ usage }) => usage.every((n, s) => n <= left[s]!))
        .map((pattern) => {
          const reduced = reducedCost(pattern, relaxation);
          const { place } = pool.get(stageKey(pattern))!;
          const entry = entryRate(pattern.tree, places[place]!, flow);
          return { pattern, reduced, place, opens: entry <= route.entry[place]! };
        })
        .filter(({ reduced }) => reduced <= slack)
        .sort((a, b) => a.reduced - b.reduced)
        .slice(0, MOST_COLUMNS);
      const builder = createModelBuilder("minimize");
      for (const count of left) builder.addRow({ lower: -Infinity, upper: count });
      builder.addRow({ lower: layers, upper: layers + overlap });
      for (const { pattern } of columns) builder.addColumn(toColumn(pattern, left));
      addBorders(builder, columns, places.length, layers);
      let found = false;
      const result = solver.solve(builder.build(), {
        nodeLimit: NODE_LIMIT,
        relativeGap: 5e-3,
        seed: 1,
        onIncumbent: (objective) => (found ||= wanted === "first" && objective <= mostPrice),
        shouldStop: () => found || shouldStop(),
      });
      if (result.columns === undefined || result.objective! > mostPrice * (1 + 1e-9)) {
        return undefined;
      }
      const stages = columns
        .map((column, p) => ({ ...column, count: Math.round(result.columns![p]!) }))
        .filter(({ count }) => count > 0)
        .sort(
          (a, b) =>
            a.place - b.place ||
            Number(b.opens) - Number(a.opens) ||
            b.pattern.layers - a.pattern.layers,
        );
      return { stages, pricePerHour: result.objective! };
    },
  };
}

/**
 * Where tokens come into a region from another, the first stage must be one whose nodes take in no
 * more than a link lets through: for regions h before g, Σ opening stages of g ≥ used_g + used_h − 1.
 */
function addBorders(
  builder: ModelBuilder,
  columns: readonly { readonly place: number; readonly opens: boolean }[],
  places: number,
  layers: number,
): void {
  if (places === 1) return;
  const own = (place: number): number[] =>
    [...columns.keys()].filter((p) => columns[p]!.place === place);
  const used = Array.from({ length: places }, () =>
    builder.addColumn({ lower: 0, upper: 1, cost: 0, integer: true }),
  );
  used.forEach((column, place) => {
    const stages = own(place);
    const opening = stages.filter((p) => columns[p]!.opens);
    const values = [...stages.map(() => 1), -layers];
    builder.addRow({ lower: -Infinity, upper: 0, entries: [[...stages, column], values] });
    for (const before of opening.length === stages.length ? [] : used.slice(0, place)) {
      const signs = [...opening.map(() => 1), -1, -1];
      const entries = [[...opening, column, before], signs] as const;
      builder.addRow({ lower: -1, upper: Infinity, entries });
    }
  });
}

/** Rates of all stocks as seen from one region: 0 for those elsewhere. */
function tabulateRegion(
  stocks: readonly MixStock[],
  region: string,
  layers: number,
  overlap: boolean,
): StageRates {
  const here = stocks.map((stock) => {
    const options = stock.region === region && stock.available > 0 ? stock.options : [];
    return { nodes: [], options };
  });
  const rates = tabulateStageRates(here, layers, overlap);
  return { ...rates, most: Math.min(LONGEST, rates.most) };
}
