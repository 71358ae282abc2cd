import type { IntervalTables } from "./interval-tables.js";
import type { StageLattice } from "./stage-lattice.js";

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
  /** Bytes of one parameter's gradient. */
  readonly elementBytes: number;
}

/**
 * The least Σ t_s + Σ c_b over all partitions and lattice paths whose stages stay within both
 * thresholds, or undefined when there is none. O(states·L·(edges + L)); intervals beyond the
 * thresholds are never visited.
 */
export function cutWithin(
  problem: LatticeProblem,
  slowestAllowed: number,
  syncAllowed: number,
): LatticeCut | undefined {
  const { lattice, tables, cutBytes } = problem;
  const layers = tables.layers;
  const width = layers + 1;
  const stages = lattice.stages.length;
  const startsByTime = tables.seconds.map((table) => leastStarts(table, layers, slowestAllowed));
  const startsBySync = new Map<number, Int32Array>();
  const syncStarts = (ring: number): Int32Array => {
    let starts = startsBySync.get(ring);
    if (starts === undefined) {
      const allowed = (syncAllowed / (ring * problem.elementBytes)) * (1 + ROUNDING);
      starts = ring === 0 ? new Int32Array(width) : leastStarts(tables.parameters, layers, allowed);
      startsBySync.set(ring, starts);
    }
    return starts;
  };
  const from: Int32Array[] = [];
  const via: Int32Array[] = [];
  let previous = new Float64Array(0);
  for (let stage = 0; stage < stages; stage++) {
    const states = lattice.stages[stage]!;
    const current = new Float64Array(states.length * width).fill(Infinity);
    const starts = new Int32Array(states.length * width).fill(-1);
    const before = new Int32Array(states.length * width).fill(-1);
    const entry = new Float64Array(width);
    const last = layers - (stages - 1 - stage);
    const first = stage === stages - 1 ? layers : stage + 1;
    states.forEach((state, index) => {
      const base = index * width;
      entry.fill(Infinity);
      if (stage === 0) entry[0] = 0;
      for (const edge of state.edges) {
        const source = edge.state * width;
        for (let a = stage; a < last; a++) {
          const cost = previous[source + a]! + cutBytes[a]! * edge.secondsPerByte;
          if (cost < entry[a]!) {
            entry[a] = cost;
            before[base + a] = edge.state;
          }
        }
      }
      const seconds = tables.seconds[state.profile]!;
      const byTime = startsByTime[state.profile]!;
      const byMemory = tables.leastStart[stage]![state.profile]!;
      const bySync = syncStarts(state.ringSecondsPerByte);
      for (let b = first; b <= last; b++) {
        if (stage === 0 && b < tables.leastFirstEnd) continue;
        const low = Math.max(stage, byTime[b]!, byMemory[b]!, bySync[b]!);
        const high = Math.min(stage === 0 ? 0 : b - 1, tables.greatestStart[b]!);
        let best = Infinity;
        let bestStart = -1;
        for (let a = low; a <= high; a++) {
          const cost = entry[a]! + seconds[a * width + b]!;
          if (cost < best) {
            best = cost;
            bestStart = a;
          }
        }
        current[base + b] = best;
        starts[base + b] = bestStart;
      }
    });
    from.push(starts);
    via.push(before);
    previous = current;
  }
  return trace(problem, previous, from, via);
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

function trace(
  problem: LatticeProblem,
  final: Float64Array,
  from: readonly Int32Array[],
  via: readonly Int32Array[],
): LatticeCut | undefined {
  const { lattice, tables } = problem;
  const width = tables.layers + 1;
  let state = -1;
  let pass = Infinity;
  for (let index = 0; index * width < final.length; index++) {
    const cost = final[index * width + tables.layers]!;
    if (cost < pass) {
      pass = cost;
      state = index;
    }
  }
  if (state < 0) return undefined;
  const counts: number[] = [];
  const path: number[] = [];
  let slowest = 0;
  let sync = 0;
  let b = tables.layers;
  for (let stage = lattice.stages.length - 1; stage >= 0; stage--) {
    const a = from[stage]![state * width + b]!;
    const { profile, ringSecondsPerByte } = lattice.stages[stage]![state]!;
    slowest = Math.max(slowest, tables.seconds[profile]![a * width + b]!);
    const bytes = tables.parameters[a * width + b]! * problem.elementBytes;
    sync = Math.max(sync, bytes * ringSecondsPerByte);
    counts.push(b - a);
    path.push(state);
    state = via[stage]![state * width + a]!;
    b = a;
  }
  return { pass, slowest, sync, counts: counts.reverse(), path: path.reverse() };
}
