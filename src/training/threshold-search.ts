import type { Steps } from "./run-steps.js";
import { cutWithin, type LatticeCut, type LatticeProblem } from "./cut-lattice.js";

/** The optimum of (B − 1)·T + pass + D over partitions and paths, with its proof. */
export type ThresholdResult =
  | {
      /** `optimal`: bound = seconds up to rounding. `limit`: out of evaluations, bound still holds. */
      readonly status: "optimal" | "limit";
      readonly seconds: number;
      readonly bound: number;
      readonly cut: LatticeCut;
      readonly evaluations: number;
    }
  | { readonly status: "infeasible"; readonly evaluations: number }
  | {
      readonly status: "limit";
      readonly bound: number;
      readonly evaluations: number;
      readonly cut?: undefined;
    }
  | { readonly status: "dominated"; readonly bound: number; readonly evaluations: number };

/** Candidates for T in [fromT, toT] and for D in [fromD, toD], both by index and inclusive. */
interface Box {
  readonly fromT: number;
  readonly toT: number;
  readonly fromD: number;
  readonly toD: number;
  /** No plan in the box is cheaper. */
  readonly bound: number;
}

/** Relative slack within which two costs are the same double arithmetic. */
const ROUNDING = 1e-12;

/**
 * Minimises (B − 1)·max t_s + Σ t_s + Σ c_b + max D_s exactly. The pass cost f(T, D) of
 * `cutWithin` never grows when a threshold does, so over a box of thresholds
 * (B − 1)·T_low + D_low + f(T_high, D_high) is a lower bound; boxes are evaluated at their upper
 * corner, cut off at the slowest stage and sync actually found, and halved, cheapest bound first,
 * until none may hold anything cheaper. Thresholds run over values that stages can take, so the
 * search is finite: the optimum and its proof.
 * Pauses within every dynamic program.
 * @param cutoff plans that cost this much or more are of no interest (`dominated`).
 * @param mostEvaluations dynamic programs to run before giving up with a bound.
 */
export function* searchThresholds(
  problem: LatticeProblem,
  microBatches: number,
  cutoff: number,
  mostEvaluations: number,
): Steps<ThresholdResult> {
  const rounds = microBatches - 1;
  const times = rounds === 0 ? Float64Array.of(Infinity) : timeCandidates(problem);
  const syncs = syncCandidates(problem);
  const straggler = (index: number): number => (rounds === 0 ? 0 : rounds * times[index]!);
  let best: LatticeCut | undefined;
  let seconds = Infinity;
  let evaluations = 0;
  const low = (box: Omit<Box, "bound">, pass: number): number =>
    straggler(box.fromT) + syncs[box.fromD]! + pass;
  const whole = { fromT: 0, toT: times.length - 1, fromD: 0, toD: syncs.length - 1 };
  const open: Box[] = [{ ...whole, bound: low(whole, 0) }];
  const limit = (): number => Math.min(seconds, cutoff) * (1 - ROUNDING);
  while (open.length > 0) {
    const box = popCheapest(open);
    if (box.bound >= limit()) break;
    if (evaluations >= mostEvaluations) {
      return best === undefined
        ? { status: "limit", bound: box.bound, evaluations }
        : { status: "limit", seconds, bound: Math.min(box.bound, seconds), cut: best, evaluations };
    }
    evaluations++;
    // A pass that costs more than this would not make the box any better than what is known.
    const passAllowed = limit() - low(box, 0);
    const cut = yield* cutWithin(problem, times[box.toT]!, syncs[box.toD]!, passAllowed);
    if (cut === undefined) continue;
    const cost = rounds * cut.slowest + cut.pass + cut.sync;
    if (cost < seconds) {
      seconds = cost;
      best = cut;
    }
    const consider = (part: Omit<Box, "bound">): void => {
      if (part.fromT > part.toT || part.fromD > part.toD) return;
      const bound = Math.max(box.bound, low(part, cut.pass));
      if (bound < limit()) open.push({ ...part, bound });
    };
    const reachedT = rounds === 0 ? 0 : clamp(indexAtLeast(times, cut.slowest), box.fromT, box.toT);
    const reachedD = clamp(indexAtLeast(syncs, cut.sync), box.fromD, box.toD);
    // Above both reached values the pass costs the same: nothing better there.
    const middleD = (box.fromD + reachedD) >> 1;
    consider({ ...box, fromT: reachedT, fromD: middleD, toD: reachedD - 1 });
    consider({ ...box, fromT: reachedT, toD: middleD - 1 });
    const middleT = (box.fromT + reachedT) >> 1;
    if (rounds > 0) {
      consider({ ...box, fromT: middleT, toT: reachedT - 1 });
      consider({ ...box, toT: middleT - 1 });
    }
  }
  if (best !== undefined && seconds < cutoff) {
    return { status: "optimal", seconds, bound: seconds, cut: best, evaluations };
  }
  return Number.isFinite(cutoff)
    ? { status: "dominated", bound: cutoff, evaluations }
    : { status: "infeasible", evaluations };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

function popCheapest(open: Box[]): Box {
  let at = 0;
  for (let i = 1; i < open.length; i++) if (open[i]!.bound < open[at]!.bound) at = i;
  const box = open[at]!;
  open[at] = open[open.length - 1]!;
  open.pop();
  return box;
}

/** Index of the first value ≥ x in an ascending array (the last index if none). */
function indexAtLeast(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! >= x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function timeCandidates({ tables }: LatticeProblem): Float64Array {
  const distinct = new Set<number>();
  for (const table of tables.seconds) for (const value of table) if (value > 0) distinct.add(value);
  if (distinct.size === 0) distinct.add(0);
  return Float64Array.from(distinct).sort();
}

function syncCandidates({ lattice, tables, elementBytes }: LatticeProblem): Float64Array {
  const rings = new Set(lattice.stages.flat().map((state) => state.ringSecondsPerByte));
  const held = new Set(tables.parameters);
  const distinct = new Set<number>([0]);
  for (const ring of rings) for (const p of held) distinct.add(p * elementBytes * ring);
  return Float64Array.from(distinct).sort();
}
