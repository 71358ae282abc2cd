import { OUTWARD } from "./compute-bounds.js";
import { createModelBuilder, type ColumnSpec } from "../../math/lp/model-builder.js";
import { groupMachines, type MachineClass } from "../problem/machine-classes.js";
import { listChainFlows, priceChain, type ChainPattern } from "./price-chains.js";
import type { LayerInterval } from "../../core/placement.js";
import { createRandom, type Random } from "../../core/random.js";
import { layNodes } from "../problem/chain.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/**
 * Node-disjoint pipelines that each hold every layer once: maximise Σ_c f_c·w_c subject to
 * Σ_c usage_ct·w_c ≤ N_t (and Σ w_c ≤ maxNodesPerStage), w integer. A chain of flow f is priced by a
 * knapsack over layers for each of the few rates f can take. With `chainsOnly` the LP is a bound:
 * for prices y ≥ 0, max_f f / (cheapest chain of flow f) · Σ N·y (Farley 1990).
 */
export const pipelinesStrategy: Strategy = (problem, context) => {
  const { constraints, cluster } = problem;
  const { layers } = cluster.model;
  const classes = groupMachines(cluster, constraints);
  const flows = listChainFlows(classes);
  const supplies = classes.map(({ nodes }) => nodes.length);
  const most = constraints.maxNodesPerStage;
  const sides = most === undefined ? supplies : [...supplies, most];
  const builder = createModelBuilder("maximize");
  for (const side of sides) builder.addRow({ lower: -Infinity, upper: side });
  const chains: ChainPattern[] = [];
  const known = new Set<string>();
  const toColumn = (chain: ChainPattern): ColumnSpec => {
    const rows = chain.nodes.map(([machineClass]) => machineClass);
    if (most !== undefined) rows.push(supplies.length);
    const entries = [rows, rows.map(() => 1)] as const;
    return { lower: 0, upper: Infinity, cost: chain.flow, integer: true, entries };
  };
  const lp = context.solver.openLp(builder.build());
  try {
    let prices: ArrayLike<number> = sides.map((side) => (side > 0 ? 1 / side : 1));
    while (!context.shouldStop()) {
      if (chains.length > 0) {
        const result = lp.solve();
        if (result.rowDuals === undefined) break;
        prices = result.rowDuals.map((dual) => Math.max(0, dual));
      }
      const fixed = most === undefined ? 0 : prices[supplies.length]!;
      const priced = flows
        .map((flow) => priceChain(classes, layers, flow, prices))
        .filter((chain) => chain !== undefined);
      const worth = sides.reduce((sum, side, row) => sum + side * prices[row]!, 0);
      const ratio = priced.reduce((r, { flow, cost }) => Math.max(r, flow / (cost + fixed)), 0);
      const bound = ratio * worth * (1 + OUTWARD);
      if (constraints.chainsOnly === true && bound < Infinity)
        context.offerBound(bound, "chain packing LP");
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
        chains.push(...shake(classes, layers, flows, prices, createRandom(context.seed)));
        break;
      }
      chains.push(...added);
      lp.addColumns(added.map(toColumn));
    }
  } finally {
    lp.dispose();
  }
  if (chains.length === 0 || context.shouldStop()) return;
  for (const chain of chains) {
    const upper = Math.floor(Math.min(...countSides(chain, supplies)));
    builder.addColumn({ ...toColumn(chain), upper });
  }
  const result = context.solver.solve(builder.build(), {
    nodeLimit: 2000,
    seed: context.seed,
    relativeGap: 1e-4,
    shouldStop: () => context.shouldStop(),
  });
  if (result.columns === undefined) return;
  const chosen = chains.flatMap((chain, c) =>
    Array.from({ length: Math.round(result.columns![c]!) }, () => chain),
  );
  if (chosen.length > 0) offerChains(problem, context, classes, chosen);
};

const SHAKES = 8;

/** Chains that whole numbers may ask for: the cheapest under prices a little off the LP's. */
function shake(
  classes: readonly MachineClass[],
  layers: number,
  flows: readonly number[],
  prices: ArrayLike<number>,
  random: Random,
): readonly ChainPattern[] {
  const dearest = Array.from(prices).reduce((most, price) => Math.max(most, price), 0);
  return Array.from({ length: SHAKES }, () => {
    const shaken = classes.map((_, t) => prices[t]! + 0.5 * random.next() * dearest);
    return flows
      .map((flow) => priceChain(classes, layers, flow, shaken))
      .filter((chain) => chain !== undefined);
  }).flat();
}

/** How many of this chain each class alone would allow. */
function countSides(chain: ChainPattern, supplies: readonly number[]): readonly number[] {
  const usage = new Map<number, number>();
  for (const [t] of chain.nodes) usage.set(t, (usage.get(t) ?? 0) + 1);
  return [...usage].map(([t, count]) => supplies[t]! / count);
}

function offerChains(
  problem: PlanningProblem,
  context: SearchContext,
  classes: readonly MachineClass[],
  chains: readonly ChainPattern[],
): void {
  const intervals: [number, LayerInterval][] = [];
  const handedOut = new Int32Array(classes.length);
  for (const { nodes } of chains) {
    let border = 0;
    for (const [machineClass, held] of nodes) {
      const node = classes[machineClass]!.nodes[handedOut[machineClass]!++]!;
      intervals.push([node, [border, (border += held)]]);
    }
  }
  context.offer(layNodes(problem, intervals));
}
