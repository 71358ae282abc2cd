import { createModelBuilder, type ColumnSpec } from "../../math/lp/model-builder.js";
import type { PersistentLp, Solver } from "../../math/lp/solver.js";
import { listSenderLevels, type HandoverModel } from "./handover-model.js";
import {
  listHandoverItems,
  priceHandovers,
  type HandoverColumn,
  type HandoverPrices,
  type HandoverTask,
} from "./handover-pricing.js";

export interface HandoverOptions {
  /** Tokens/s known to be carried, and a bound already proven. */
  readonly feasible: number;
  readonly upperBound: number;
  /** Most flows tried. */
  readonly maxTrials: number;
  readonly shouldStop: () => boolean;
  /** Called with every better bound. */
  readonly onBound?: (value: number) => void;
}

/** How far below the bound is asked first, relative: where that is not refuted, little would be. */
const FIRST_BELOW = 1e-3;
/** Relative width of the last bracket. */
const PRECISION = 1e-3;
/** Flows are lowered, minima must be above 1, by so much. */
const SAFETY = 1e-9;
const LEAST_EXCESS = 1e-7;
/** What an uncovered layer costs, in fleets: anything above 1 does. */
const UNCOVERED_COST = 10;
const MOST_FLEETS = 1000;
const MOST_ROUNDS = 80;
/** A column must be this much cheaper than its layer, relative to what a layer costs. */
const LEAST_GAIN = 1e-7;
const QUICK = { steps: 160, up: false };
const EXACT = { steps: 800, up: true };

/**
 * The least flow refuted by the linear program below, for clusters whose single links are thinner than their nodes. A node that
 * passes y tokens/s and does not hold the last layer sends them to the nodes over one layer, and so many there are must take y.
 * Fix F. Minimise s such that s times the nodes carry F, over w_p,r (layers covered by covering p, to which nodes of region r hand over) and exits x_r:
 *   Σ w = L;   per class c: Σ w·Σ_(items of c) 1/k ≤ s·N_c;   Σ_r x_r ≤ 1;
 *   per region r and level:   Σ_p (those that take the level) w_p,r + x_r ≥ Σ w·Σ_(items of r that pass the level or more) y/(k·F).
 * Every placement gives a solution with s ≤ 1: all that is handed over at a layer is F at most. So a minimum above 1 refutes F. It rests on prices and
 * pricing alone (weak duality). Valid with and without partial inference.
 * @returns tokens/s that no legal placement exceeds; `upperBound` if nothing better.
 */
export function handoverBound(
  model: HandoverModel,
  solver: Solver,
  { feasible, upperBound, maxTrials, shouldStop, onBound }: HandoverOptions,
): number {
  let [low, high] = [feasible, upperBound];
  for (let trial = 0; trial < maxTrials && !shouldStop(); trial++) {
    if (high - low <= PRECISION * high) break;
    const flow = trial === 0 ? high * (1 - FIRST_BELOW) : (low + high) / 2;
    if (refutes(model, solver, flow, shouldStop)) {
      high = flow;
      onBound?.(high);
    } else if (trial === 0) break;
    else low = flow;
  }
  return high;
}

/** Whether no placement can carry this flow. Never true wrongly. */
function refutes(
  model: HandoverModel,
  solver: Solver,
  target: number,
  shouldStop: () => boolean,
): boolean {
  const flow = target * (1 - SAFETY);
  const senders = listSenderLevels(model, flow);
  if (senders.every(({ count }) => count === 1)) return false;
  const items = listHandoverItems(model, senders, flow);
  const task: HandoverTask = { model, flow, senders, items };
  const master = openMaster(task, solver);
  try {
    for (let round = 0; round < MOST_ROUNDS && !shouldStop(); round++) {
      const result = master.lp.solve();
      if (result.status !== "optimal" || result.rowDuals === undefined) return false;
      if (result.objective! <= 1 + LEAST_EXCESS) return false;
      const { layer, prices } = master.readPrices(result.rowDuals);
      const isUseful = ({ cost }: { cost: number }): boolean =>
        cost < layer - LEAST_GAIN * Math.abs(layer);
      let found = priceHandovers(task, prices, QUICK).filter(isUseful);
      if (found.length === 0) {
        const exact = priceHandovers(task, prices, EXACT);
        if (boundOf(task, prices, exact) > 1 + LEAST_EXCESS) return true;
        found = exact.filter(isUseful);
        if (found.length === 0) return false;
      }
      master.lp.addColumns(found.map(({ column }) => master.toColumn(column)));
    }
    return false;
  } finally {
    master.lp.dispose();
  }
}

/** The Lagrangian bound of prices on s, whatever the solver made of them: Σ w = L, and exits earn as much as the dearest levels. */
function boundOf(
  { model, senders }: HandoverTask,
  { node, handed }: HandoverPrices,
  cheapest: readonly { readonly cost: number }[],
): number {
  const fleet = model.classes.reduce((sum, { nodes }, t) => sum + nodes.length * node[t]!, 0);
  if (!(fleet > 0)) return -Infinity;
  const exits = senders.reduce((most, { count }, r) => Math.max(most, handed[r]![count]!), 0);
  const least = cheapest.reduce((low, { cost }) => Math.min(low, cost), Infinity);
  return ((model.layers * least - exits) / fleet) * (1 - SAFETY);
}

interface Master {
  readonly lp: PersistentLp;
  toColumn(column: HandoverColumn): ColumnSpec;
  readPrices(duals: Float64Array): { readonly layer: number; readonly prices: HandoverPrices };
}

function openMaster({ model, flow, senders }: HandoverTask, solver: Solver): Master {
  const { layers, classes } = model;
  const builder = createModelBuilder("minimize");
  const atLeast = (lower: number): number => builder.addRow({ lower, upper: Infinity });
  const layerRow = builder.addRow({ lower: layers, upper: layers });
  const nodeRows = classes.map(() => atLeast(0));
  const exitRow = atLeast(-1);
  /** Per region, rows of levels 2 and up. */
  const levelRows = senders.map(({ count }) => Array.from({ length: count - 1 }, () => atLeast(0)));
  const supplies = classes.map(({ nodes }) => nodes.length);
  builder.addColumn({ lower: 0, upper: MOST_FLEETS, cost: 1, entries: [nodeRows, supplies] });
  const open = [layerRow, ...levelRows.flat()];
  const ones = open.map(() => 1);
  builder.addColumn({ lower: 0, upper: layers, cost: UNCOVERED_COST, entries: [open, ones] });
  for (const rows of levelRows) {
    const entries = [
      [exitRow, ...rows],
      [-1, ...rows.map(() => 1)],
    ] as const;
    builder.addColumn({ lower: 0, upper: 1, cost: 0, entries });
  }
  return {
    lp: solver.openLp(builder.build()),
    toColumn({ items, sender, level }) {
      const values = new Map<number, number>([[layerRow, 1]]);
      const add = (row: number, value: number): unknown =>
        values.set(row, (values.get(row) ?? 0) + value);
      for (const { machineClass, layers: held, passed, level: own } of items) {
        add(nodeRows[machineClass]!, -1 / held);
        const { region } = classes[machineClass]!;
        for (const row of levelRows[region]!.slice(0, own - 1)) add(row, -passed / flow / held);
      }
      for (const row of levelRows[sender]!.slice(0, level - 1)) add(row, 1);
      const entries = [[...values.keys()], [...values.values()]] as const;
      return { lower: 0, upper: layers, cost: 0, entries };
    },
    readPrices(duals) {
      const positive = (row: number): number => Math.max(0, duals[row]!);
      const handed = levelRows.map((rows) => {
        const sums = new Float64Array(rows.length + 2);
        rows.forEach((row, n) => (sums[n + 2] = sums[n + 1]! + positive(row)));
        return sums;
      });
      const prices = { node: Float64Array.from(nodeRows, positive), handed };
      return { layer: duals[layerRow]!, prices };
    },
  };
}
