import type { Solver } from "../../math/lp/solver.js";
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { MachineClass, PatternGroup } from "../problem/machine-classes.js";
import { listCheapChains, trimChain } from "./cheap-chains.js";
import { OUTWARD, sumOfBest } from "./compute-bounds.js";
import { listMost, readPatterns } from "./configuration-lp.js";
import { countSides, startModel, toColumn, type PackingRows } from "./packing-rows.js";
import { listChainFlows, listChainKinds, type ChainPattern } from "./price-chains.js";
import { relaxPacking, type FlowsOfKind, type RelaxedPacking } from "./relax-packing.js";

export interface PackingOptions {
  /** Machines whose cards can be shared out; default: every class has its nodes. */
  readonly groups?: readonly PatternGroup[];
  /** Most chains. */
  readonly mostChains?: number | undefined;
  readonly seed: number;
  readonly shouldStop: () => boolean;
  /** Told every bound as it is found. */
  readonly onBound?: (tokensPerSecond: number, name: string) => void;
}

/** Chains that share no node. */
export interface ChainPacking {
  /** No packing carries more tokens/s. */
  readonly bound: number;
  readonly name: string;
  /** Tokens/s of the best ones found; they follow one after another. None where it was stopped. */
  readonly carried: number;
  readonly chains: readonly ChainPattern[];
  /** By group and pattern, machines that take it. */
  readonly patterns: readonly (readonly number[])[];
}

/** Largest flow in the models: solvers have absolute tolerances. */
const USUAL_SIZE = 1000;
/** Nodes of branch and bound. */
const MOST_NODES = 2000;
/** Looks at chains, and chains, up to which all are listed. */
const MOST_LOOKS = 200_000;
const MOST_LISTED = 4000;
/** What is proven closer than that is left as it is. */
const CLOSE = 1e-4;

/**
 * Node-disjoint pipelines that each hold every layer once: maximise Σ_c f_c·w_c subject to
 * Σ_c usage_ct·w_c ≤ N_t (and Σ w_c ≤ `mostChains`), w integer, where N_t is what there is, or what patterns of
 * machines make of them.
 * 1. The LP by columns: a chain of flow f is priced by a knapsack over layers for each of the few rates f can take.
 *    For prices y ≥ 0, max_f f / (cheapest chain of flow f) · Σ N·y is a bound (Farley 1990).
 * 2. Whole numbers of the chains seen so far.
 * 3. Whole numbers of all chains that a better packing could have: at prices under which no chain costs less than its flow,
 *    a packing carries Σ N·y less what its chains cost beyond their flows, so one that costs beyond the distance to what
 *    is known stands in none. Its optimum is a bound.
 * Valid for every network under `chainsOnly`: links only take away.
 */
export function packChains(
  classes: readonly MachineClass[],
  layers: number,
  solver: Solver,
  options: PackingOptions,
): ChainPacking {
  const { groups = [], mostChains, onBound } = options;
  const own = classes.map(({ nodes }) => nodes.length);
  const kinds = listChainKinds(classes).map((kind): FlowsOfKind => ({
    of: { classes, kind, layers },
    flows: listChainFlows(classes, kind),
  }));
  const fastest = kinds.reduce((most, { flows }) => Math.max(most, flows.at(-1) ?? 0), 0);
  const rows: PackingRows = {
    classes,
    groups,
    layers,
    supplies: own,
    mostOf: listMost(own, groups),
    mostChains,
    scale: fastest > 0 ? USUAL_SIZE / fastest : 1,
  };
  const relaxed = relaxPacking(rows, kinds, solver, options);
  let best: ChainPacking = {
    bound: relaxed.bound,
    name: "chain packing LP",
    carried: 0,
    chains: [],
    patterns: [],
  };
  if (relaxed.chains.length === 0 || options.shouldStop()) return best;
  const seen = packWhole(rows, relaxed.chains, solver, options);
  const known = sumFlows(seen.chains);
  best = { ...best, carried: known, chains: seen.chains, patterns: seen.patterns };
  if (options.shouldStop() || !(relaxed.bound > known * (1 + CLOSE))) return best;
  const all = listAll(rows, kinds, relaxed, known);
  if (all === undefined) return best;
  const whole = packWhole(rows, all, solver, options);
  const bound = Math.max(known, whole.bound);
  if (bound < relaxed.bound) {
    best = { ...best, bound, name: "chain packing" };
    onBound?.(bound, best.name);
  }
  const { chains, patterns } = whole;
  const carried = sumFlows(chains);
  return carried > known ? { ...best, carried, chains, patterns } : best;
}

/** All chains of a packing that carries more than is known; undefined where they are too many. */
function listAll(
  { mostOf, classes, groups, mostChains }: PackingRows,
  kinds: readonly FlowsOfKind[],
  { prices, fixed }: RelaxedPacking,
  known: number,
): readonly ChainPattern[] | undefined {
  const worth = sumOfBest(classes, groups, prices) + fixed * (mostChains ?? 0);
  const slack = worth * (1 + OUTWARD) - known;
  const lists = kinds.map(({ of, flows }) =>
    listCheapChains(of, flows, { prices, fixed, slack, supplies: mostOf, mostLooks: MOST_LOOKS }),
  );
  const all = lists.flatMap((list) => list ?? []);
  return lists.includes(undefined) || all.length > MOST_LISTED ? undefined : all;
}

interface Whole {
  readonly bound: number;
  readonly chains: readonly ChainPattern[];
  readonly patterns: readonly (readonly number[])[];
}

/** The best whole numbers of these chains, and a bound on them. */
function packWhole(
  rows: PackingRows,
  chains: readonly ChainPattern[],
  solver: Solver,
  { seed, shouldStop }: PackingOptions,
): Whole {
  const { classes, groups, layers, mostOf, scale } = rows;
  const { builder, chainRow, shared } = startModel(rows);
  for (const chain of chains) {
    const upper = Math.floor(Math.min(...countSides(chain, mostOf)));
    builder.addColumn({ ...toColumn(rows, chainRow, chain), upper });
  }
  const result = solver.solve(builder.build(), {
    nodeLimit: MOST_NODES,
    seed,
    relativeGap: CLOSE,
    shouldStop,
  });
  const { columns, bound } = result;
  const failed = result.status === "failed" || result.status === "infeasible";
  const proven = failed ? Infinity : (bound + RELATIVE_TOLERANCE * Math.max(1, bound)) / scale;
  // Less than the least chain carries is nothing at all.
  const most = chains.some(({ flow }) => flow <= proven) ? proven : 0;
  if (columns === undefined) return { bound: most, chains: [], patterns: [] };
  const chosen = chains.flatMap((chain, c) => {
    const trimmed = trimChain(classes, layers, chain);
    const count = trimmed === undefined ? 0 : Math.round(columns[shared + c]!);
    return Array.from({ length: count }, () => trimmed!);
  });
  const patterns = readPatterns(groups, columns).map((own) => own.map(Math.round));
  return { bound: most, chains: chosen, patterns };
}

function sumFlows(chains: readonly ChainPattern[]): number {
  return chains.reduce((sum, { flow }) => sum + flow, 0);
}
