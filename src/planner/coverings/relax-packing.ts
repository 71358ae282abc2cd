import type { Solver } from "../../math/lp/solver.js";
import { createRandom } from "../../core/random.js";
import { OUTWARD, sumOfBest } from "./compute-bounds.js";
import { startModel, toColumn, type PackingRows } from "./packing-rows.js";
import { priceChain, type ChainPattern, type ChainsOfKind } from "./price-chains.js";

/** Chains of one kind, and the flows that they can have. */
export interface FlowsOfKind {
  readonly of: ChainsOfKind;
  readonly flows: readonly number[];
}

/** What the LP over chains came to. */
export interface RelaxedPacking {
  readonly bound: number;
  /** Under which no chain costs less than its flow; the last one is that of a chain itself. */
  readonly prices: readonly number[];
  readonly fixed: number;
  readonly chains: readonly ChainPattern[];
}

const SHAKES = 8;

/** How long, and who is told every bound as it is found. */
interface RelaxOptions {
  readonly seed: number;
  readonly shouldStop: () => boolean;
  readonly onBound?: (tokensPerSecond: number, name: string) => void;
}

/** The LP of a packing by columns: chains are priced until none is worth its price. */
export function relaxPacking(
  rows: PackingRows,
  kinds: readonly FlowsOfKind[],
  solver: Solver,
  { seed, shouldStop, onBound }: RelaxOptions,
): RelaxedPacking {
  const { classes, groups, mostOf, mostChains } = rows;
  const { builder, chainRow } = startModel(rows);
  const chains: ChainPattern[] = [];
  const known = new Set<string>();
  const priceAll = (prices: ArrayLike<number>): readonly ChainPattern[] =>
    kinds
      .flatMap(({ of, flows }) => flows.map((flow) => priceChain(of, flow, prices)))
      .filter((chain) => chain !== undefined);
  let best: Omit<RelaxedPacking, "chains"> = { bound: Infinity, prices: [], fixed: 0 };
  const lp = solver.openLp(builder.build());
  try {
    let prices: readonly number[] = mostOf.map((most) => 1 / Math.max(1, most));
    let fixed = mostChains === undefined ? 0 : 1 / Math.max(1, mostChains);
    while (!shouldStop()) {
      if (chains.length > 0) {
        const { rowDuals } = lp.solve();
        if (rowDuals === undefined) break;
        prices = Array.from(rowDuals.slice(0, classes.length), (y) => Math.max(0, y) / rows.scale);
        fixed = mostChains === undefined ? 0 : Math.max(0, rowDuals[chainRow]!) / rows.scale;
      }
      const priced = priceAll(prices);
      const worth = sumOfBest(classes, groups, prices) + fixed * (mostChains ?? 0);
      const ratio = priced.reduce((r, { flow, cost }) => Math.max(r, flow / (cost + fixed)), 0);
      const bound = ratio * worth * (1 + OUTWARD);
      if (bound < best.bound) {
        best = { bound, prices: prices.map((y) => y * ratio), fixed: fixed * ratio };
        onBound?.(bound, "chain packing LP");
      }
      const first = chains.length === 0;
      // Flows below the solver's tolerance may look like a gain for ever: a chain comes in once.
      const added = priced.filter((chain) => {
        const { flow, cost, nodes } = chain;
        const key = `${flow} ${nodes.join(" ")}`;
        if (known.has(key) || !(first || cost + fixed < flow * (1 - 1e-9))) return false;
        known.add(key);
        return true;
      });
      if (added.length === 0) {
        chains.push(...shake(prices, seed, priceAll));
        break;
      }
      chains.push(...added);
      lp.addColumns(added.map((chain) => toColumn(rows, chainRow, chain)));
    }
  } finally {
    lp.dispose();
  }
  return { ...best, chains };
}

/** Chains that whole numbers may ask for: the cheapest under prices a little off the LP's. */
function shake(
  prices: readonly number[],
  seed: number,
  priceAll: (prices: readonly number[]) => readonly ChainPattern[],
): readonly ChainPattern[] {
  const random = createRandom(seed);
  const dearest = prices.reduce((most, price) => Math.max(most, price), 0);
  return Array.from({ length: SHAKES }, () =>
    priceAll(prices.map((price) => price + 0.5 * random.next() * dearest)),
  ).flat();
}
