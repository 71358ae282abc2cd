import type { LayerInterval, Placement } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listIntervals } from "./keep-close.js";
import type { LoadBytes } from "./load-bytes.js";
import type { RegionColumn } from "./region-rows.js";

/** The integer program of a cover, and how placements and its columns say the same. */
export interface CoverModel {
  readonly model: LinearModel;
  /** What its columns stand for. */
  readonly columns: readonly CoverColumn[];
  /** The placement of a solution: free nodes as its columns say, the others as they were. */
  decode(columns: Float64Array): Placement;
  /** The columns of a placement; undefined where it has an interval that is no column. */
  encode(placement: Placement): Float64Array | undefined;
}

/** Nodes of a class, which are alike and hold the same, that take an interval. */
export interface CoverColumn extends RegionColumn {
  /** Of the class, in the order of the rows behind those of the layers. */
  readonly group: number;
  readonly machine: number;
}

export interface CoverModelOptions {
  /** Tokens/s that every layer must be given. */
  readonly floor: number;
  /** Nodes that may change; the others hold what `fixed` says. Default all. */
  readonly free?: ReadonlySet<number>;
  readonly fixed?: Placement;
  /** Columns that cost more, in layers of the largest kind, are left out. Default none. */
  readonly mostCost?: number;
}

/** Nodes of one machine type and region that hold the same and may hold the same intervals. */
interface LoadClass {
  readonly nodes: readonly number[];
  readonly intervals: readonly LayerInterval[];
  /** Of its first column. */
  readonly first: number;
}

/** The floor is asked for a little less exactly than solvers compute, so that rounding refutes nothing. */
export const ROUNDING = 1e-6;

/**
 * Every layer gets nodes that compute the floor together: one integer column per class of nodes and interval, at the
 * layers of the largest kind that a node of the class loads for it. Costs in such layers, rates in floors. A node
 * counts for at most what the layer still needs, which takes no whole solution away.
 */
export function buildCover(
  problem: PlanningProblem,
  load: LoadBytes,
  { floor, free, fixed = [], mostCost = Infinity }: CoverModelOptions,
): CoverModel {
  const { cluster, constraints } = problem;
  const needs = new Float64Array(cluster.model.layers).fill(1);
  const base = cluster.nodes.map((_, node): LayerInterval | null => {
    const interval =
      free?.has(node) === false ? (fixed[node] ?? null) : (constraints.pins.get(node) ?? null);
    if (free?.has(node) !== false || interval === null) return interval;
    const share = capacityOf(cluster, node, interval) / floor;
    for (let layer = interval[0]; layer < interval[1]; layer++) needs[layer]! -= share;
    return interval;
  });
  const builder = createModelBuilder("minimize");
  for (const need of needs)
    builder.addRow({ lower: Math.max(0, need - ROUNDING), upper: Infinity });
  const classes: LoadClass[] = [];
  const columns: CoverColumn[] = [];
  for (const nodes of classify(problem, load, free)) {
    const row = builder.addRow({ lower: 0, upper: nodes.length });
    const pin = constraints.pins.get(nodes[0]!);
    const all =
      pin === undefined ? listIntervals(needs.length, mostLayers(cluster, nodes[0]!)) : [pin];
    // An interval that ends where nothing is needed is beaten by a shorter one.
    const intervals = all.filter(
      ([start, end]) =>
        (pin !== undefined || (needs[start]! > 0 && needs[end - 1]! > 0)) &&
        load.of(nodes[0]!, [start, end]) <= mostCost * load.largestLayer,
    );
    for (const interval of intervals) {
      const share = capacityOf(cluster, nodes[0]!, interval) / floor;
      const rows = Array.from({ length: interval[1] - interval[0] }, (_, k) => interval[0] + k);
      columns.push({
        region: cluster.nodes[nodes[0]!]!.region,
        interval,
        share: Math.min(1, share),
        group: classes.length,
        machine: cluster.nodes[nodes[0]!]!.machine,
      });
      builder.addColumn({
        lower: 0,
        upper: nodes.length,
        cost: load.of(nodes[0]!, interval) / load.largestLayer,
        integer: true,
        entries: [
          [...rows, row],
          [...rows.map((layer) => Math.min(share, Math.max(0, needs[layer]!))), 1],
        ],
      });
    }
    classes.push({ nodes, intervals, first: columns.length - intervals.length });
  }
  return {
    model: builder.build(),
    columns,
    decode: (values) => decode(base, classes, values),
    encode: (placement) => encode(placement, classes, columns.length),
  };
}

/** Columns that the model of all nodes has, without building it. */
export function countCoverColumns(problem: PlanningProblem, load: LoadBytes): number {
  const { layers } = problem.cluster.model;
  return classify(problem, load).reduce((sum, nodes) => {
    const most = mostLayers(problem.cluster, nodes[0]!);
    return sum + most * layers - (most * (most - 1)) / 2;
  }, 0);
}

export function classify(
  { cluster, constraints }: PlanningProblem,
  { held }: LoadBytes,
  free?: ReadonlySet<number>,
): readonly (readonly number[])[] {
  const classes = new Map<string, number[]>();
  cluster.nodes.forEach(({ machine, region }, node) => {
    if (constraints.drained.has(node) || free?.has(node) === false) return;
    const key = `${machine} ${region} ${String(held[node])} ${String(constraints.pins.get(node))}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [node]);
    else known.push(node);
  });
  return [...classes.values()];
}

function decode(base: Placement, classes: readonly LoadClass[], values: Float64Array): Placement {
  const placement = [...base];
  for (const { nodes, intervals, first } of classes) {
    let next = 0;
    intervals.forEach((interval, at) => {
      for (let times = Math.round(values[first + at]!); times > 0 && next < nodes.length; times--)
        placement[nodes[next++]!] = interval;
    });
  }
  return placement;
}

function encode(
  placement: Placement,
  classes: readonly LoadClass[],
  columns: number,
): Float64Array | undefined {
  const values = new Float64Array(columns);
  for (const { nodes, intervals, first } of classes) {
    const at = new Map(intervals.map((interval, index) => [interval.join(), first + index]));
    for (const node of nodes) {
      const interval = placement[node] ?? null;
      if (interval === null) continue;
      const column = at.get(interval.join());
      if (column === undefined) return undefined;
      values[column]! += 1;
    }
  }
  return values;
}
