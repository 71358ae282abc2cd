import type { Solver } from "../../math/lp/solver.js";
import { packChains } from "../coverings/chain-packing.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { configurationBound, createCoverPool } from "../coverings/configuration-lp.js";
import type { PartClasses } from "./part-groups.js";

/** How many flows below the bound are looked at for mixes of partitions. */
const LOOKS = [1e-4, 0.01, 0.03, 0.1];

/** A packing of chains so near its bound needs no other. */
const CLOSE = 1e-3;

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

export interface PartsLimits {
  readonly shouldStop: () => boolean;
  /** Nodes stand in chains that share none. */
  readonly chainsOnly?: boolean | undefined;
  /** Chains at most, where they are chains. */
  readonly maxNodesPerStage?: number | undefined;
}

/** The bound over all partitions that costs nothing. */
export function sumOverParts({ classes, groups }: PartClasses, layers: number): FlowBound {
  const value = truncatedSumBound(classes, layers, groups);
  return { value, name: "truncated sum over partitions" };
}

/**
 * Bounds over all partitions: every machine takes one pattern of parts (a mix of patterns, in fractions),
 * and coverings have as many nodes of a class as the patterns make. Valid for every network and every
 * constraint, as the configuration LP is. Where chains share no node, they are packed in whole numbers, into whole
 * patterns: the mix of the best packing comes first.
 */
export function boundFlowOfParts(
  { classes, groups }: PartClasses,
  layers: number,
  solver: Solver,
  { shouldStop, chainsOnly, maxNodesPerStage }: PartsLimits,
): PartsBound {
  let best = sumOverParts({ classes, groups }, layers);
  const mixes: (readonly (readonly number[])[])[] = [];
  const keep = (value: number, name: string): void => {
    if (value < best.value) best = { value, name: `${name} over partitions` };
  };
  if (chainsOnly === true) {
    const mostChains = maxNodesPerStage;
    const packing = packChains(classes, layers, solver, {
      groups,
      mostChains,
      seed: 1,
      shouldStop,
    });
    keep(packing.bound, packing.name);
    if (packing.chains.length > 0) mixes.push(roundMix(packing.patterns, groups));
    if (best.value <= packing.carried * (1 + CLOSE)) return { ...best, mixes };
  }
  keep(configurationBound(classes, layers, solver, { groups, shouldStop }), "configuration LP");
  return { ...best, mixes };
}

/** The same, with what it asks for a little below it. */
export function boundParts(
  parts: PartClasses,
  layers: number,
  solver: Solver,
  limits: PartsLimits,
): PartsBound {
  const { classes, groups } = parts;
  const { shouldStop } = limits;
  const bound = boundFlowOfParts(parts, layers, solver, limits);
  const pool = createCoverPool(classes, layers, solver, { groups, shouldStop });
  const mixes = LOOKS.flatMap((below) => {
    if (shouldStop()) return [];
    const relaxation = pool.relax(bound.value * (1 - below));
    return relaxation === undefined ? [] : [roundMix(relaxation.patterns, groups)];
  });
  return { ...bound, mixes: [...bound.mixes, ...mixes] };
}

function roundMix(
  shares: readonly (readonly number[])[],
  groups: PartClasses["groups"],
): readonly (readonly number[])[] {
  return shares.map((own, g) => roundToSum(own, groups[g]!.machines));
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
