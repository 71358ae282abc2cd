import { machineOf } from "../../core/cluster.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import type { PlanningProblem, SurvivalRule } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";

/** Above this many columns the model is not built. */
const MOST_COLUMNS = 20_000;
/** Up to so many columns branch and bound looks for whole covers. */
const MOST_WHOLE = 6000;
const LP_SECONDS = 20;
const MIP_SECONDS = 20;
const MIP_NODES = 500;

/** Nodes of one machine type, held to the same. */
interface LossClass {
  readonly nodes: readonly number[];
  readonly intervals: readonly LayerInterval[];
  /** Of its first column. */
  readonly first: number;
}

/**
 * The most that nodes can compute together on every layer when of each machine type the average loss leaves the floor: the
 * worst loss of nodes of a type leaves no more than the average one, and a layer's holders carry the whole flow.
 * So no placement that survives exceeds the program, whatever its links. Its whole solutions are covers to try.
 */
export const lossCover: Strategy = (problem, context) => {
  const { survive } = problem.constraints;
  if (survive === undefined) return;
  const classes = classify(problem);
  const columns = classes.reduce((sum, { intervals }) => sum + intervals.length, 0);
  if (columns > MOST_COLUMNS) return;
  const limit = context.upperBound();
  const model = build(problem, classes, columns, survive, limit);
  const stop = { shouldStop: (): boolean => context.shouldStop() };
  const lp = context.solver.solve(model, { ...stop, relax: true, timeLimitSeconds: LP_SECONDS });
  const room = 1 + RELATIVE_TOLERANCE;
  if (lp.status === "infeasible") return context.offerBound(0, "covering LP with losses");
  if (lp.bound < limit) context.offerBound(lp.bound * room, "covering LP with losses");
  if (columns > MOST_WHOLE || context.shouldStop()) return;
  const mip = context.solver.solve(model, {
    ...stop,
    timeLimitSeconds: MIP_SECONDS,
    nodeLimit: MIP_NODES,
    relativeGap: 1e-3,
    onIncumbent: (_, values) => void context.offer(decode(problem, classes, values)),
  });
  if (mip.columns !== undefined) context.offer(decode(problem, classes, mip.columns));
  if (mip.status !== "infeasible" && mip.bound < limit)
    context.offerBound(mip.bound * room, "covering MILP with losses");
};

/**
 * Columns: nodes of a class with an interval; per layer, what its holders compute; the flow. Nothing counts for more than the
 * flow can be.
 */
function build(
  problem: PlanningProblem,
  classes: readonly LossClass[],
  columns: number,
  { losses, floor }: SurvivalRule,
  limit: number,
): LinearModel {
  const { layers } = problem.cluster.model;
  const builder = createModelBuilder("maximize");
  const rowOf = (): number => builder.addRow({ lower: 0, upper: 0 });
  const sums = Array.from({ length: layers }, rowOf);
  const struck = classes.map(() =>
    Array.from({ length: layers }, () => builder.addRow({ lower: 0, upper: Infinity })),
  );
  const whole = Array.from({ length: layers }, () => builder.addRow({ lower: 0, upper: Infinity }));
  for (const [at, { nodes, intervals }] of classes.entries()) {
    const own = builder.addRow({ lower: 0, upper: nodes.length });
    const lost = Math.min(losses, nodes.length) / nodes.length;
    for (const interval of intervals) {
      const rate = Math.min(rateOf(problem, nodes[0]!, interval), limit);
      const held = Array.from({ length: interval[1] - interval[0] }, (_, k) => interval[0] + k);
      builder.addColumn({
        lower: 0,
        upper: nodes.length,
        cost: 0,
        integer: true,
        entries: [
          [...held.map((layer) => sums[layer]!), ...held.map((layer) => struck[at]![layer]!), own],
          [...held.map(() => rate), ...held.map(() => -rate * lost), 1],
        ],
      });
    }
  }
  for (let layer = 0; layer < layers; layer++) {
    const loss = struck.map((rows) => rows[layer]!);
    builder.addColumn({
      lower: 0,
      upper: Infinity,
      cost: 0,
      entries: [
        [sums[layer]!, whole[layer]!, ...loss],
        [-1, 1, ...loss.map(() => 1)],
      ],
    });
  }
  builder.addColumn({
    lower: 0,
    upper: limit,
    cost: 1,
    entries: [
      [...whole, ...struck.flat()],
      [...whole.map(() => -1), ...struck.flat().map(() => -floor)],
    ],
  });
  if (builder.columnCount() !== columns + layers + 1) throw new RangeError("columns miscounted");
  return builder.build();
}

/** Tokens/s of a node that is not alone with the model: activations pass its NIC, but between parts of one machine. */
function rateOf({ cluster }: PlanningProblem, node: number, interval: LayerInterval): number {
  const tokens = capacityOf(cluster, node, interval);
  const whole = interval[0] === 0 && interval[1] === cluster.model.layers;
  if (whole || cluster.nodes[node]!.part !== undefined) return tokens;
  const { nicBytesPerSecond } = machineOf(cluster, node);
  return Math.min(tokens, nicBytesPerSecond / cluster.model.activationBytes);
}

function classify({ cluster, constraints }: PlanningProblem): readonly LossClass[] {
  const members = new Map<string, number[]>();
  cluster.nodes.forEach(({ machine }, node) => {
    if (constraints.drained.has(node)) return;
    const key = `${machine} ${String(constraints.pins.get(node))}`;
    const known = members.get(key);
    if (known === undefined) members.set(key, [node]);
    else known.push(node);
  });
  const { layers } = cluster.model;
  let first = 0;
  return [...members.values()].map((nodes) => {
    const pin = constraints.pins.get(nodes[0]!);
    const most = mostLayers(cluster, nodes[0]!);
    const intervals: LayerInterval[] = pin === undefined ? [] : [pin];
    const last = pin === undefined ? layers : 0;
    for (let start = 0; start < last; start++)
      for (let end = start + 1; end <= Math.min(layers, start + most); end++)
        if (capacityOf(cluster, nodes[0]!, [start, end]) > 0) intervals.push([start, end]);
    const entry = { nodes, intervals, first };
    first += intervals.length;
    return entry;
  });
}

function decode(
  { cluster }: PlanningProblem,
  classes: readonly LossClass[],
  values: Float64Array,
): Placement {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const { nodes, intervals, first } of classes) {
    let next = 0;
    intervals.forEach((interval, at) => {
      for (let times = Math.round(values[first + at]!); times > 0 && next < nodes.length; times--)
        placement[nodes[next++]!] = interval;
    });
  }
  return placement;
}
