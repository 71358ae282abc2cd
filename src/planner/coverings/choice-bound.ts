import type { Solver } from "../../math/lp/solver.js";
import type { MachineClass } from "../problem/machine-classes.js";
import { truncatedSumBound } from "./compute-bounds.js";
import { createCoverPool, type CoverPool } from "./configuration-lp.js";

export interface ChoiceBoundOptions {
  /** A throughput known to be carried: nothing below is tried. */
  readonly feasible: number;
  /** A bound already proven. */
  readonly upperBound: number;
  readonly maxNodesPerStage?: number;
  /** Configuration LPs per flow. */
  readonly maxPrograms: number;
  /** Flows tried. */
  readonly maxTrials: number;
  readonly shouldStop: () => boolean;
}

/** A class of one node this many times as able as the mean node is worth branching on. */
const OUTSTANDING = 2;

/** First and last option (inclusive) left to each class that is branched on. */
type Ranges = ReadonlyMap<number, readonly [first: number, last: number]>;

/**
 * Configuration LP with branching: it lets a single large node be a part this and a part that size at
 * once, which no placement can. For classes of one outstanding node the options are split in halves
 * until every part refutes F, be it by the truncated compute sum or by the LP. A node holds one
 * number of layers or none, so F is refuted if every part is. Valid wherever the configuration LP is.
 * @returns the least flow refuted: an upper bound in tokens/s.
 */
export function choiceBound(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  options: ChoiceBoundOptions,
): number {
  const scarce = findOutstanding(classes);
  if (scarce.length === 0) return options.upperBound;
  const refuter = createRefuter(classes, layers, solver, options);
  const whole: Ranges = new Map(
    scarce.map((t) => [t, [0, classes[t]!.options.length - 1] as const]),
  );
  let infeasible = options.upperBound;
  let feasible = Math.min(options.feasible, infeasible);
  for (let trial = 0; trial < options.maxTrials; trial++) {
    if (options.shouldStop() || infeasible - feasible <= 1e-4 * infeasible) break;
    const flow = (feasible + infeasible) / 2;
    if (refuter(whole, flow)) infeasible = flow;
    else feasible = flow;
  }
  return infeasible;
}

/** Classes of one node that does much more than the mean one, the ablest first. */
function findOutstanding(classes: readonly MachineClass[]): readonly number[] {
  const work = classes.map(({ options }) =>
    options.reduce((most, { layers, rate }) => Math.max(most, layers * rate), 0),
  );
  const nodes = classes.reduce((sum, c) => sum + c.nodes.length, 0);
  const mean = classes.reduce((sum, c, t) => sum + c.nodes.length * work[t]!, 0) / nodes;
  return [...classes.keys()]
    .filter((t) => classes[t]!.nodes.length === 1 && work[t]! >= OUTSTANDING * mean)
    .filter((t) => classes[t]!.options.length > 1)
    .sort((a, b) => work[b]! - work[a]!);
}

function createRefuter(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  { maxPrograms, maxNodesPerStage, shouldStop }: ChoiceBoundOptions,
): (ranges: Ranges, flow: number) => boolean {
  const pools = new Map<string, { readonly pool: CoverPool; readonly most: number }>();
  const poolOf = (ranges: Ranges): { readonly pool: CoverPool; readonly most: number } => {
    const key = [...ranges].join(" ");
    const known = pools.get(key);
    if (known !== undefined) return known;
    const restricted = classes.map((machineClass, t) => {
      const range = ranges.get(t);
      if (range === undefined) return machineClass;
      return { ...machineClass, options: machineClass.options.slice(range[0], range[1] + 1) };
    });
    const limit = maxNodesPerStage === undefined ? {} : { maxNodesPerStage };
    const fresh = {
      pool: createCoverPool(restricted, layers, solver, { shouldStop, ...limit }),
      most: truncatedSumBound(restricted, layers),
    };
    pools.set(key, fresh);
    return fresh;
  };
  return (whole, flow) => {
    let programs = 0;
    const refutes = (ranges: Ranges): boolean => {
      if (shouldStop()) return false;
      const { pool, most } = poolOf(ranges);
      if (most <= flow) return true;
      if (++programs > maxPrograms) return false;
      if (pool.refutes(flow)) return true;
      const widest = [...ranges].reduce((a, b) => (b[1][1] - b[1][0] > a[1][1] - a[1][0] ? b : a));
      const [t, [first, last]] = widest;
      if (first === last) return false;
      const middle = (first + last) >> 1;
      // The upper half first: large nodes tend to hold much, and one part left is enough to give up.
      return (
        refutes(new Map([...ranges, [t, [middle + 1, last] as const]])) &&
        refutes(new Map([...ranges, [t, [first, middle] as const]]))
      );
    };
    return refutes(whole);
  };
}
