import type { LayerInterval, Placement } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import type { Solver } from "../../math/lp/solver.js";
import { capacityOf, mostLayers } from "../problem/node-capacity.js";
import type { PlanningProblem } from "../problem/problem.js";
import { listIntervals } from "./keep-close.js";
import type { LoadBytes } from "./load-bytes.js";

export interface CoverOptions {
  /** Tokens/s that must be carried. */
  readonly floor: number;
  /** Bytes of the best change known: only less is looked for. */
  readonly known: number;
  readonly timeLimitSeconds: number;
  /** Branch-and-bound nodes. */
  readonly nodeLimit: number;
  readonly shouldStop: () => boolean;
}

export interface CoverOutcome {
  /** No placement that carries the floor loads fewer bytes. */
  readonly bound: number;
  /** How that is known. */
  readonly method: "layers that nobody holds" | "covering LP" | "covering MILP";
  /** Placements whose nodes compute enough for every layer; links may be too thin for them. */
  readonly placements: readonly Placement[];
}

/** Nodes of one machine type and region that hold the same. */
interface LoadClass {
  readonly nodes: readonly number[];
  readonly intervals: readonly LayerInterval[];
}

/** Above this many columns the model is not built. */
const MOST_COLUMNS = 60_000;
/** The floor is asked for a little less exactly than solvers compute, so that rounding refutes nothing. */
const ROUNDING = 1e-6;

/**
 * The fewest bytes by which every layer gets nodes that compute the floor together: an integer program with one
 * column per class of nodes and interval, at the bytes that a node of the class loads for it. A placement that
 * carries the floor covers every layer so (each token passes each layer on some node that holds it), so no such
 * placement loads less than the program's bound. Links, limits on depth and on nodes per layer are left out:
 * the bound is valid with them, and lower than it could be. A node counts for at most the floor, which takes no whole solution away.
 */
export function coverChange(
  problem: PlanningProblem,
  load: LoadBytes,
  solver: Solver,
  options: CoverOptions,
): CoverOutcome {
  const classes = classify(problem, load);
  const uncovered = countUncovered(problem, load);
  const columns = classes.reduce((sum, { intervals }) => sum + intervals.length, 0);
  const plain = { bound: uncovered, method: "layers that nobody holds", placements: [] } as const;
  if (options.known <= uncovered || columns > MOST_COLUMNS) return plain;
  const { timeLimitSeconds, nodeLimit, shouldStop, known } = options;
  const limits = { timeLimitSeconds, shouldStop };
  const unit = load.largestLayer;
  const full = buildModel(problem, load, classes, options.floor);
  const relaxed = solver.solve(full, { ...limits, relax: true });
  const relaxedBytes = roundUp(relaxed.bound * unit, load);
  if (relaxed.reducedCosts === undefined || relaxedBytes <= uncovered) return plain;
  if (relaxedBytes >= known || shouldStop())
    return { bound: Math.min(relaxedBytes, known), method: "covering LP", placements: [] };

  // A column in which one node alone costs more than is left to save is in no better solution.
  const spare = (known / unit - relaxed.bound) * (1 + ROUNDING) + ROUNDING;
  const columnUpper = full.columnUpper.map((upper, j) =>
    relaxed.reducedCosts![j]! > spare ? 0 : upper,
  );
  const placements: Placement[] = [];
  const mip = solver.solve(
    { ...full, columnUpper },
    {
      ...limits,
      nodeLimit,
      onIncumbent: (_, found) => void placements.push(decode(problem, classes, found)),
    },
  );
  if (mip.columns !== undefined) placements.push(decode(problem, classes, mip.columns));
  const proven = mip.status === "infeasible" ? known : roundUp(mip.bound * unit, load);
  return proven > relaxedBytes
    ? { bound: Math.min(proven, known), method: "covering MILP", placements }
    : { bound: relaxedBytes, method: "covering LP", placements };
}

/** Bytes of the layers that no node which may hold any holds now: somebody must load them. */
function countUncovered({ cluster, constraints }: PlanningProblem, load: LoadBytes): number {
  let bytes = 0;
  for (let layer = 0; layer < cluster.model.layers; layer++) {
    const isHeld = load.held.some(
      (interval, node) =>
        interval !== null &&
        !constraints.drained.has(node) &&
        interval[0] <= layer &&
        layer < interval[1],
    );
    if (!isHeld) bytes += load.between(layer, layer + 1);
  }
  return bytes;
}

function classify({ cluster, constraints }: PlanningProblem, { held }: LoadBytes): LoadClass[] {
  const classes = new Map<string, { nodes: number[]; intervals: readonly LayerInterval[] }>();
  cluster.nodes.forEach(({ machine, region }, node) => {
    if (constraints.drained.has(node)) return;
    const pin = constraints.pins.get(node);
    const key = `${machine} ${region} ${String(held[node])} ${String(pin)}`;
    const known = classes.get(key);
    if (known !== undefined) return void known.nodes.push(node);
    const intervals =
      pin === undefined ? listIntervals(cluster.model.layers, mostLayers(cluster, node)) : [pin];
    classes.set(key, { nodes: [node], intervals });
  });
  return [...classes.values()];
}

/** Costs in layers of the largest kind, tokens/s in floors. Columns class by class. */
function buildModel(
  { cluster }: PlanningProblem,
  load: LoadBytes,
  classes: readonly LoadClass[],
  floor: number,
): LinearModel {
  const builder = createModelBuilder("minimize");
  for (let layer = 0; layer < cluster.model.layers; layer++)
    builder.addRow({ lower: 1 - ROUNDING, upper: Infinity });
  for (const { nodes, intervals } of classes) {
    const count = nodes.length;
    const row = builder.addRow({ lower: 0, upper: count });
    for (const interval of intervals) {
      const share = Math.min(1, capacityOf(cluster, nodes[0]!, interval) / floor);
      const rows = Array.from({ length: interval[1] - interval[0] }, (_, k) => interval[0] + k);
      builder.addColumn({
        lower: 0,
        upper: count,
        cost: load.of(nodes[0]!, interval) / load.largestLayer,
        integer: true,
        entries: [
          [...rows, row],
          [...rows.map(() => share), 1],
        ],
      });
    }
  }
  return builder.build();
}

function decode(
  { cluster, constraints }: PlanningProblem,
  classes: readonly LoadClass[],
  columns: Float64Array,
): Placement {
  const placement: (LayerInterval | null)[] = cluster.nodes.map(
    (_, node) => constraints.pins.get(node) ?? null,
  );
  let column = 0;
  for (const { nodes, intervals } of classes) {
    let next = 0;
    for (const interval of intervals) {
      for (let times = Math.round(columns[column++]!); times > 0 && next < nodes.length; times--)
        placement[nodes[next++]!] = interval;
    }
  }
  return placement;
}

/** A lower bound in bytes, less what solvers may be wrong by, up to the next amount that there is. */
function roundUp(bytes: number, { largestLayer, step }: LoadBytes): number {
  const safe = Math.max(0, bytes - ROUNDING * Math.max(bytes, largestLayer));
  return step > 1e-3 * largestLayer ? Math.ceil(safe / step) * step : safe;
}
