import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import { createModelBuilder, type ColumnSpec } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import { roundsFor } from "../problem/limit-polls.js";
import type { Strategy } from "../problem/strategy.js";
import { OUTWARD } from "./compute-bounds.js";
import { tryCover } from "./interval-cover.js";
import { groupByChoices, weightedWork } from "./interval-work.js";
import type { NodeGroup, RatedInterval } from "./interval-work.js";

/**
 * Bounds where layers differ. For any weights w ≥ 0 of the layers, Σ w = 1, and any flow F that a placement
 * carries: the nodes over a layer pass F together, so do they if none counts for more than F, and
 * F = Σ_ℓ w_ℓ·F ≤ Σ_i min(T_i, F)·w(its layers); each node's term is at most its largest over the intervals
 * that it can hold. A flow is refuted by weights with which that sum stays below it. Weights: what each
 * machine type takes for a layer, all alike, then those that refute best, from a linear program: the proof
 * rests on the weights alone, never on the solver. O(types · L²) a look.
 */
export const boundByIntervals: Strategy = (problem, context) => {
  const { machines, model } = problem.cluster;
  const weightings = machines.flatMap(({ capacity }) =>
    capacity.byInterval === undefined ? [] : [normalized(capacity.byInterval.relativeSeconds)],
  );
  if (weightings.length === 0) return;
  const groups = groupByChoices(problem);
  const nodes = groups.reduce((sum, { count }) => sum + count, 0);
  const even = Array.from({ length: model.layers }, () => 1 / model.layers);
  let least = Infinity;
  for (const weights of [even, ...weightings])
    least = Math.min(least, leastRefuted(groups, weights));
  context.offerBound(least * (1 + RELATIVE_TOLERANCE), "weighted work by interval");
  const most = roundsFor(context.iterations);
  let rounds = 0;
  const shouldStop = (): boolean => ++rounds > most || context.shouldStop();
  const refutation = createRefutation(groups, model.layers, context.solver, shouldStop);
  let feasible = Math.min(context.incumbent()?.throughput ?? 0, least);
  let tried = false;
  let prices: readonly number[] = even;
  while (least - feasible > PRECISION * least && !shouldStop()) {
    const flow = (least + feasible) / 2;
    const answer = nodes > MOST_TRIED ? "unknown" : tryCover(groups, prices, flow, MOST_STEPS);
    if (answer === "unknown") {
      const { refuted, weights } = refutation(flow);
      prices = weights;
      if (refuted) least = Math.min(flow, leastRefuted(groups, weights));
      else feasible = flow;
    } else if (answer === "yes") feasible = flow;
    else {
      least = flow;
      tried = true;
    }
  }
  const how = tried
    ? "coverings by interval, tried out"
    : "weighted work by interval, best weights";
  context.offerBound(least * (1 + RELATIVE_TOLERANCE), how);
};

/** Where more nodes may hold layers, their coverings are not tried out; nor after so many steps. */
const MOST_TRIED = 24;
const MOST_STEPS = 20_000;

const PRECISION = 1e-4;
/** Steps from a flow to the work that is left below it. */
const SETTLING = 20;

/** The least flow that these weights refute, or a little more. */
function leastRefuted(groups: readonly NodeGroup[], weights: readonly number[]): number {
  let flow = weightedWork(groups, weights, Infinity).sum;
  for (let step = 0; step < SETTLING; step++) {
    const { sum } = weightedWork(groups, weights, flow);
    if (sum >= flow * (1 - PRECISION)) break;
    flow = sum;
  }
  return flow;
}

/** Whether weights refute a flow; the last ones looked at. */
interface Refutation {
  readonly refuted: boolean;
  readonly weights: readonly number[];
}

/**
 * Looks for weights that refute a flow: duals of the program that covers every layer as much as it can with
 * nodes shared out over their intervals, which come in as they are missed.
 */
function createRefutation(
  groups: readonly NodeGroup[],
  layers: number,
  solver: Solver,
  shouldStop: () => boolean,
): (flow: number) => Refutation {
  const pool = groups.map(() => new Set<RatedInterval>());
  let weights: readonly number[] = Array.from({ length: layers }, () => 1 / layers);
  return (flow) => {
    const builder = createModelBuilder("maximize");
    for (let layer = 0; layer < layers; layer++) builder.addRow({ lower: 0, upper: Infinity });
    for (const { count } of groups) builder.addRow({ lower: -Infinity, upper: count });
    const everywhere = Array.from({ length: layers }, (_, layer) => layer);
    const least = everywhere.map(() => -1);
    builder.addColumn({ lower: 0, upper: Infinity, cost: 1, entries: [everywhere, least] });
    const columnOf = ({ interval, rate }: RatedInterval, group: number): ColumnSpec => {
      const held = everywhere.slice(...interval);
      const values = [...held.map(() => Math.min(rate, flow)), 1];
      return { lower: 0, upper: Infinity, cost: 0, entries: [[...held, layers + group], values] };
    };
    pool.forEach((chosen, group) => {
      for (const choice of chosen) builder.addColumn(columnOf(choice, group));
    });
    const lp = solver.openLp(builder.build());
    try {
      while (!shouldStop()) {
        const { sum, best } = weightedWork(groups, weights, flow);
        if (sum < flow * (1 - OUTWARD)) return { refuted: true, weights };
        const missed = best.flatMap((choice, group) =>
          pool[group]!.has(choice) ? [] : [[choice, group] as const],
        );
        for (const [choice, group] of missed) pool[group]!.add(choice);
        lp.addColumns(missed.map(([choice, group]) => columnOf(choice, group)));
        const result = lp.solve();
        if (result.status !== "optimal" || result.rowDuals === undefined) break;
        if (result.objective! >= flow * (1 - OUTWARD) || missed.length === 0) break;
        weights = normalized(Array.from(result.rowDuals.slice(0, layers), Math.abs));
      }
      return { refuted: false, weights };
    } finally {
      lp.dispose();
    }
  };
}

function normalized(weights: readonly number[]): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 1 / weights.length));
}
