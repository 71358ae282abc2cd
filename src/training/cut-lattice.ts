import type { IntervalTables } from "./interval-tables.js";
import type { Steps } from "./run-steps.js";
import type { LatticeState, StageLattice } from "./stage-lattice.js";

/** A partition and a path through the lattice, with what the thresholds are about. */
export interface LatticeCut {
  /** Σ stage seconds + Σ border seconds. */
  readonly pass: number;
  /** The slowest stage. */
  readonly slowest: number;
  /** The slowest gradient all-reduce. */
  readonly sync: number;
  /** Layers per stage. */
  readonly counts: readonly number[];
  /** State per stage. */
  readonly path: readonly number[];
}

/** Slack for the division that undoes how the sync thresholds were multiplied. */
const ROUNDING = 1e-12;

/** Everything the dynamic program reads, prepared once per strategy. */
export interface LatticeProblem {
  readonly lattice: StageLattice;
  readonly tables: IntervalTables;
  /** Bytes that cross a cut behind layer b − 1, at index b. Length L + 1. */
  readonly cutBytes: Float64Array;
  /** Least seconds of the layers from b on, each on its fastest machine, at index b. Length L + 1. */
  readonly leastRest: Float64Array;
  /** Bytes of one parameter's gradient. */
  readonly elementBytes: number;
}

/**
 * The least Σ t_s + Σ c_b over all partitions and lattice paths whose stages stay within both
 * thresholds, or undefined when there is none below `passAllowed`. O(states·L·(edges + L)) at most:
 * intervals beyond the thresholds are never visited, nor ends from which the stages left could not
 * reach the last layer or stay below `passAllowed`. Pauses before every stage.
 */
export function* cutWithin(
  problem: LatticeProblem,
  slowestAllowed: number,
  syncAllowed: number,
  passAllowed: number,
): Steps<LatticeCut | undefined> {
  const { lattice, tables } = problem;
  const width = tables.layers + 1;
  const stages = lattice.stages.length;
  const startsByTime = tables.seconds.map((table) =>
    leastStarts(table, tables.layers, slowestAllowed),
  );
  const syncStarts = startsBySync(problem, syncAllowed);
  const leastEnd = leastEnds(startsByTime, tables.layers, stages);
  const rows: Row[][] = [];
  for (let stage = 0; stage < stages; stage++) {
    yield;
    const before = rows[stage - 1];
    const last = tables.layers - (stages - 1 - stage);
    const first = Math.max(stage + 1, leastEnd[stage]!, stage === 0 ? tables.leastFirstEnd : 0);
    rows.push(
      lattice.stages[stage]!.map((state) => {
        const row = enterState(problem, state, before, width);
        if (row.high < row.low) return row;
        const byTime = startsByTime[state.profile]!;
        const byMemory = tables.leastStart[stage]![state.profile]!;
        const bySync = syncStarts(state.ringSecondsPerByte);
        const least = (end: number): number => Math.max(byTime[end]!, byMemory[end]!, bySync[end]!);
        return leaveState(row, problem, state.profile, least, first, last, passAllowed);
      }),
    );
  }
  return trace(problem, rows);
}

/** What the program knows of one state: costs by layers done, and where each came from. */
interface Row {
  /** By end b: least cost; Infinity outside [low, high]. */
  readonly cost: Float64Array;
  /** By end b: start of the stage that ends there. */
  readonly start: Int32Array;
  /** By start a: state of the stage before. */
  readonly via: Int32Array;
  readonly low: number;
  readonly high: number;
}

/** Costs of starting a state's stage at each layer; `low`/`high` bound the starts that can be had. */
function enterState(
  problem: LatticeProblem,
  state: LatticeState,
  before: readonly Row[] | undefined,
  width: number,
): Row {
  const cost = new Float64Array(width).fill(Infinity);
  const via = new Int32Array(width).fill(-1);
  const start = new Int32Array(width).fill(-1);
  if (before === undefined) {
    cost[0] = 0;
    return { cost, via, start, low: 0, high: 0 };
  }
  let [low, high] = [width, -1];
  for (const edge of state.edges) {
    const source = before[edge.state]!;
    for (let a = source.low; a <= source.high; a++) {
      const arrived = source.cost[a]! + problem.cutBytes[a]! * edge.secondsPerByte;
      if (arrived < cost[a]!) {
        cost[a] = arrived;
        via[a] = edge.state;
      }
    }
    low = Math.min(low, source.low);
    high = Math.max(high, source.high);
  }
  return { cost, via, start, low, high };
}

/** Costs of ending the stage at each layer in [first, last], given those of starting it. */
function leaveState(
  entry: Row,
  { tables, leastRest }: LatticeProblem,
  profile: number,
  leastStart: (end: number) => number,
  first: number,
  last: number,
  passAllowed: number,
): Row {
  const width = tables.layers + 1;
  const seconds = tables.seconds[profile]!;
  const cost = new Float64Array(width).fill(Infinity);
  let [low, high] = [width, -1];
  for (let b = Math.max(first, entry.low + 1); b <= last; b++) {
    const from = Math.max(leastStart(b), entry.low);
    const to = Math.min(b - 1, entry.high, tables.greatestStart[b]!);
    let best = Infinity;
    for (let a = from; a <= to; a++) {
      const total = entry.cost[a]! + seconds[a * width + b]!;
      if (total < best) {
        best = total;
        entry.start[b] = a;
      }
    }
    if (!(best + leastRest[b]! < passAllowed)) continue;
    cost[b] = best;
    low = Math.min(low, b);
    high = b;
  }
  return { cost, start: entry.start, via: entry.via, low, high };
}

/**
 * `[stage]`: the least end from which the stages behind it could still reach the last layer, were
 * each on the fastest profile. Pruning only; O(k + P·L).
 */
function leastEnds(
  startsByTime: readonly Int32Array[],
  layers: number,
  stages: number,
): readonly number[] {
  const ends = Array.from({ length: stages }, () => layers);
  for (let stage = stages - 1; stage > 0; stage--) {
    const end = ends[stage]!;
    ends[stage - 1] = Math.min(...startsByTime.map((starts) => starts[end]!));
  }
  return ends;
}

/** Least starts within a sync threshold, by seconds per byte of the ring; computed once per ring. */
function startsBySync(
  problem: LatticeProblem,
  syncAllowed: number,
): (ringSecondsPerByte: number) => Int32Array {
  const { tables } = problem;
  const known = new Map<number, Int32Array>([[0, new Int32Array(tables.layers + 1)]]);
  return (ring) => {
    let starts = known.get(ring);
    if (starts === undefined) {
      const allowed = (syncAllowed / (ring * problem.elementBytes)) * (1 + ROUNDING);
      starts = leastStarts(tables.parameters, tables.layers, allowed);
      known.set(ring, starts);
    }
    return starts;
  };
}

/** `[b]`: the least a with table[a, b) ≤ limit. Two pointers, O(L). */
function leastStarts(table: Float64Array, layers: number, limit: number): Int32Array {
  const starts = new Int32Array(layers + 1);
  let a = 0;
  for (let b = 1; b <= layers; b++) {
    while (a < b && table[a * (layers + 1) + b]! > limit) a++;
    starts[b] = a;
  }
  return starts;
}

function trace(problem: LatticeProblem, rows: readonly (readonly Row[])[]): LatticeCut | undefined {
  const { lattice, tables } = problem;
  const width = tables.layers + 1;
  let state = -1;
  let pass = Infinity;
  rows[rows.length - 1]!.forEach((row, index) => {
    if (row.cost[tables.layers]! < pass) {
      pass = row.cost[tables.layers]!;
      state = index;
    }
  });
  if (state < 0) return undefined;
  const counts: number[] = [];
  const path: number[] = [];
  let slowest = 0;
  let sync = 0;
  let b = tables.layers;
  for (let stage = lattice.stages.length - 1; stage >= 0; stage--) {
    const row = rows[stage]![state]!;
    const a = row.start[b]!;
    const { profile, ringSecondsPerByte } = lattice.stages[stage]![state]!;
    slowest = Math.max(slowest, tables.seconds[profile]![a * width + b]!);
    const bytes = tables.parameters[a * width + b]! * problem.elementBytes;
    sync = Math.max(sync, bytes * ringSecondsPerByte);
    counts.push(b - a);
    path.push(state);
    state = row.via[a]!;
    b = a;
  }
  return { pass, slowest, sync, counts: counts.reverse(), path: path.reverse() };
}
