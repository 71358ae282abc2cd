import type { Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import type { Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import {
  countUncovered,
  MOST_COLUMNS,
  type CoverOptions,
  type CoverOutcome,
} from "./cover-change.js";
import { tightenCover, type Tightened } from "./cover-cuts.js";
import { branchOnRates } from "./branch-rates.js";
import { branchOnRegions } from "./branch-regions.js";
import { listChainSpace } from "./chain-space.js";
import { buildCover, countCoverColumns, ROUNDING, type CoverModel } from "./cover-model.js";
import { growCore, isMet, roundUp } from "./grow-core.js";
import type { LoadBytes } from "./load-bytes.js";
import { mergeAlike } from "./merge-alike.js";
import { priceNodes } from "./price-nodes.js";
import { proveFronts, type FrontProofOptions } from "./prove-fronts.js";
import { listRegionRows } from "./region-rows.js";
import { mayTrim, sweepCover } from "./sweep-cover.js";

/** Columns of the core in which changes are looked for, and its share of the time that the rows leave. */
const SMALL_CORE = 600;
const SMALL_SHARE = 0.7;
/** The first branch and bound of a way to cross between regions; each further one of it gets twice as much. */
const BRANCH_BY_CLOCK = { timeLimitSeconds: 1.5 };
const CHAINS_BY_CLOCK = { timeLimitSeconds: 1 };
/** Prices of nodes tried at most where the clock ends it. */
const MOST_PRICES = 1000;
/** Rounds of rows that raise the relaxation by less are left out where it is swept. */
const WORTH_SWEPT = 0.01;
/** States and ways of a sweep, see {@link sweepCover}. */
const SWEEP_BY_CLOCK = { mostStates: 1e6, mostLabels: 1.5e6 };
/** Ways at a border of a sweep over thin links, and the share of the time that all sweeps have: the rest branches. */
const FRONTS_BY_CLOCK = { mostWays: 10_000 };
const FRONTS_COUNTED = { mostWays: 200 };
const FRONTS_SHARE = 0.75;
const SWEEP_COUNTED = { mostStates: 20_000, mostLabels: 20_000 };
const BRANCH_COUNTED = { nodeLimit: 20 };

/** What is known of the fewest bytes. */
export type ProvenBytes = Pick<CoverOutcome, "bound" | "method">;

export interface ProofOptions {
  /** Tokens/s that must be carried. */
  readonly floor: number;
  /** The best change known by now. */
  readonly known: () => Placement;
  /** Seconds for all of it; Infinity: the counts below limit it. */
  readonly seconds: number;
  readonly rounds?: number;
  readonly nodeLimit: number;
  readonly mostCore: number;
  /** Relaxations by which it branches on where tokens cross between regions. */
  readonly mostCrossings?: number;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  readonly carries: (placement: Placement) => boolean;
  /** Told of each higher bound. */
  readonly onBound: (proven: ProvenBytes) => void;
  /** Told of placements that carry the floor and load less than the one known. */
  readonly onBetter: (placement: Placement) => void;
}

/**
 * Proves what no change goes below: the covering program with rows sought to the end, then branch and bound over what the
 * best change known leaves. The search for changes does without these rows: among them branch and bound finds little.
 */
export function proveChange(
  problem: PlanningProblem,
  load: LoadBytes,
  solver: Solver,
  options: ProofOptions,
): void {
  const { floor, known, now, shouldStop, carries, onBound, onBetter } = options;
  const begun = now();
  let bound = countUncovered(problem, load);
  const least = (): number => load.total(known());
  const prove = (more: number, method: ProvenBytes["method"]): void => {
    if (more <= bound) return;
    bound = more;
    onBound({ bound, method });
  };
  const isClosed = (): boolean => isMet(least(), bound, load);
  if (isClosed()) return;
  const left = (): number => options.seconds - (now() - begun);
  const stops = (): boolean => shouldStop() || left() <= 0 || isClosed();
  const offer = (placement: Placement): void => {
    if (load.total(placement) < least() && carries(placement)) onBetter(placement);
  };
  if (proveWithoutCover(problem, load, solver, { ...options, shouldStop: stops, prove, offer }))
    return;
  // A column in which one node alone loads more than the change known is in no better one.
  const most = least();
  const mostCost = most / load.largestLayer;
  const whole = buildCover(problem, load, { floor, mostCost });
  const limits = { timeLimitSeconds: left(), shouldStop: stops };
  const merged = mergeAlike(whole, problem.cluster.model.layers);
  const plainly = solver.solve(merged.model, { ...limits, relax: true });
  const say = (relaxed: number, method: ProvenBytes["method"] = "covering LP"): void =>
    prove(Math.min(roundUp(relaxed * load.largestLayer, load), most, least()), method);
  say(plainly.bound);
  const { cluster } = problem;
  const { layers } = cluster.model;
  const told = {
    known: () => least() / load.largestLayer,
    shouldStop: stops,
    onBound: (higher: number) => say(higher, "covering MILP"),
  };
  const tighten = (worth: { readonly worth?: number }): Tightened =>
    tightenCover(merged.model, plainly, layers, solver, {
      ...limits,
      ...worth,
      toTheEnd: true,
      ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
      onRound: (round) => say(round.bound),
    });
  const onFound = (values: Float64Array): void => offer(whole.decode(merged.spread(values)));
  const proof = { ...told, floor, cover: whole, merged, onFound, proven: plainly.bound };
  if (proveThin(cluster, load, solver, { ...options, ...proof, left, tighten })) return;
  // The last rows take as long as the first and raise little; sweeps do without them.
  const tightened = tighten({ worth: WORTH_SWEPT });
  if (tightened.relaxed.reducedCosts === undefined || stops()) return;
  const { model, relaxed, cut } = merged.expand(tightened);
  const grow = (
    cover: CoverModel,
    seconds: number,
    sizes: Partial<Pick<CoverOptions, "firstCore" | "mostCore">>,
  ): void => {
    const limit = { ...options, ...sizes, timeLimitSeconds: seconds, shouldStop: stops };
    const core = { cover, load, solver, relaxed, options: { ...limit, known: known() } };
    const grown = growCore(core, bound);
    grown.placements.forEach(offer);
    prove(Math.min(grown.bound, most), "covering MILP");
  };
  if (relaxed.rowDuals !== undefined)
    sweepCover(solver, {
      ...told,
      model,
      layerOf: [...layersOf(whole, layers), ...cut],
      layers,
      cover: whole,
      duals: relaxed.rowDuals,
      ...(options.mostCore === Infinity ? SWEEP_BY_CLOCK : SWEEP_COUNTED),
      trims: mayTrim(whole),
      onFound: offer,
    });
  if (stops()) return;
  // By the reduced costs of these rows few columns hold good changes, which are found without the rows.
  const small = { firstCore: SMALL_CORE, mostCore: SMALL_CORE };
  if (SMALL_CORE < options.mostCore) grow(whole, SMALL_SHARE * left(), small);
  if (!stops()) grow({ ...whole, model }, left(), {});
}

interface ThinOptions
  extends Omit<FrontProofOptions, "mostWays">, Pick<ProofOptions, "mostCore" | "mostCrossings"> {
  readonly left: () => number;
  readonly tighten: (worth: { readonly worth?: number }) => Tightened;
}

/** Where links between regions are thin: sweeps, then branching on the regions. @returns whether some are. */
function proveThin(
  cluster: Cluster,
  load: LoadBytes,
  solver: Solver,
  options: ThinOptions,
): boolean {
  const { floor, merged, left, shouldStop, mostCrossings } = options;
  const byClock = options.mostCore === Infinity;
  const layerOf = layersOf(merged, cluster.model.layers);
  const rows = { floor, slack: ROUNDING, columns: merged.columns, model: merged.model, layerOf };
  if (listRegionRows(cluster, rows) === undefined) return false;
  const until = left() * (1 - FRONTS_SHARE);
  const proven = proveFronts(cluster, load, solver, {
    ...options,
    ...(byClock ? FRONTS_BY_CLOCK : FRONTS_COUNTED),
    shouldStop: () => shouldStop() || left() < until,
  });
  if (shouldStop()) return true;
  const { model, relaxed, cut } = options.tighten({});
  const { bound, reducedCosts } = relaxed;
  if (reducedCosts === undefined || shouldStop()) return true;
  const tight = { ...rows, model, layerOf: [...layerOf, ...cut] };
  branchOnRegions(solver, {
    known: options.known,
    shouldStop,
    onBound: options.onBound,
    onFound: options.onFound,
    rows: listRegionRows(cluster, tight)!,
    relaxed: { bound, columns: Int32Array.from(merged.columns.keys()), reducedCosts },
    mostNodes: mostCrossings ?? Infinity,
    effort: byClock ? BRANCH_BY_CLOCK : BRANCH_COUNTED,
    proven,
  });
  return true;
}

/** By row of a cover its layer; the others are of classes. */
function layersOf(
  { model }: Pick<CoverModel, "model">,
  layers: number,
): readonly (number | undefined)[] {
  return Array.from({ length: model.rowCount }, (_, row) => (row < layers ? row : undefined));
}

/** Where the program of a cover is too large or sees too little. @returns whether that is so. */
function proveWithoutCover(
  problem: PlanningProblem,
  load: LoadBytes,
  solver: Solver,
  options: Omit<ProofOptions, "onBound" | "onBetter"> & {
    readonly prove: (more: number, method: ProvenBytes["method"]) => void;
    readonly offer: (placement: Placement) => void;
  },
): boolean {
  const { floor, known, mostCrossings, shouldStop, prove, offer } = options;
  const { largestLayer } = load;
  const say = (layers: number, method: ProvenBytes["method"]): void =>
    prove(Math.min(roundUp(layers * largestLayer, load), load.total(known())), method);
  if (countCoverColumns(problem, load) > MOST_COLUMNS) {
    priceNodes(problem, load, solver, {
      floor,
      rounds: mostCrossings ?? MOST_PRICES,
      shouldStop,
      onBound: (layers) => say(layers, "prices of nodes"),
    });
    return true;
  }
  if (problem.constraints.chainsOnly !== true) return false;
  const chains = listChainSpace(problem, load, floor);
  if (chains === undefined) return false;
  branchOnRates(chains, solver, {
    nodes: load.held.length,
    mostBranches: mostCrossings ?? Infinity,
    effort: options.mostCore === Infinity ? CHAINS_BY_CLOCK : BRANCH_COUNTED,
    known: () => load.total(known()) / largestLayer,
    shouldStop,
    onBound: (layers) => say(layers, "chains by rate"),
    onFound: (chained) =>
      offer(chained.map((own, node) => problem.constraints.pins.get(node) ?? own)),
  });
  return true;
}
