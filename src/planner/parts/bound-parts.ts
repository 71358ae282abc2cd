import type { Solver } from "../../math/lp/solver.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { configurationBound, createCoverPool } from "../coverings/configuration-lp.js";
import type { PartClasses } from "./part-groups.js";

/** How many flows below the bound are looked at for mixes of partitions. */
const LOOKS = [1e-4, 0.01, 0.03, 0.1];

/** A bound on what any way to share out the cards carries, and how machines are shared out near it. */
export interface PartsBound {
  /** Tokens/s; with its name. */
  readonly value: number;
  readonly name: string;
  /** By group and pattern, machines that take it, in whole numbers. */
  readonly mixes: readonly (readonly (readonly number[])[])[];
}

/** A bound on the flow of all partitions, with its name. */
export type FlowBound = Pick<PartsBound, "value" | "name">;

/**
 * Bounds over all partitions: every machine takes one pattern of parts (a mix of patterns, in fractions),
 * and coverings have as many nodes of a class as the patterns make. Valid for every network and every
 * constraint, as the configuration LP is.
 */
export function boundFlowOfParts(
  { classes, groups }: PartClasses,
  layers: number,
  solver: Solver,
  shouldStop: () => boolean,
): FlowBound {
  const simple = truncatedSumBound(classes, layers, groups);
  const value = configurationBound(classes, layers, solver, { groups, shouldStop });
  return value < simple
    ? { value, name: "configuration LP over partitions" }
    : { value: simple, name: "truncated sum over partitions" };
}

/** The same, with what it asks for a little below it. */
export function boundParts(
  parts: PartClasses,
  layers: number,
  solver: Solver,
  shouldStop: () => boolean,
): PartsBound {
  const { classes, groups } = parts;
  const bound = boundFlowOfParts(parts, layers, solver, shouldStop);
  const pool = createCoverPool(classes, layers, solver, { groups, shouldStop });
  const mixes = LOOKS.flatMap((below) => {
    if (shouldStop()) return [];
    const relaxation = pool.relax(bound.value * (1 - below));
    return relaxation === undefined ? [] : [relaxation.patterns];
  });
  return {
    ...bound,
    mixes: mixes.map((shares) => shares.map((own, g) => roundToSum(own, groups[g]!.machines))),
  };
}

/** Whole numbers that add up to `sum`, by largest remainder. */
function roundToSum(shares: readonly number[], sum: number): readonly number[] {
  const total = shares.reduce((a, b) => a + b, 0);
  const scaled = shares.map((share) => (total > 0 ? (share * sum) / total : sum / shares.length));
  const counts = scaled.map(Math.floor);
  const order = [...scaled.keys()].sort(
    (a, b) => scaled[b]! - counts[b]! - (scaled[a]! - counts[a]!),
  );
  let left = sum - counts.reduce((a, b) => a + b, 0);
  for (const at of order) if (left-- > 0) counts[at]! += 1;
  return counts;
}
