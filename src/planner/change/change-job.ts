import type { Placement } from "../../core/placement.js";
import type { Solver, SolverName } from "../../math/lp/solver.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import { findLeast, type ChangeBoard, type LeastBytes } from "./find-least.js";
import { countLoadBytes } from "./load-bytes.js";
import { orderSteps, type StepOrder } from "./order-steps.js";
import { proveChange } from "./prove-change.js";

/** A search for the fewest bytes and for the way there, as it is sent to whoever runs it. */
export interface ChangeJob {
  readonly problem: PlanningProblem;
  readonly held: Placement;
  /** One of them carries the floor at least. */
  readonly starts: readonly Placement[];
  /** Tokens/s. */
  readonly floor: number;
  readonly seed: number;
  readonly solver: SolverName;
  /** For all of it; Infinity: counts alone limit it. */
  readonly seconds: number;
  /** Share of the new placement's flow that every step should leave. */
  readonly stepFloor: number;
  /** Bytes/s at which each node loads. */
  readonly rates: readonly number[];
  /** Whether a thread beside that of the search may prove what no change goes below. */
  readonly provenBeside?: boolean;
}

export interface ChangeFound {
  readonly least: LeastBytes;
  readonly order: StepOrder;
}

export interface ChangeRun {
  readonly solver: Solver;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each better placement. */
  readonly onBetter?: (best: LeastBytes) => void;
  /** What is found and proven beside it, where something is. */
  readonly board?: ChangeBoard;
}

/** Who runs a job beside this thread: it hears of a stop while it computes, and the best so far is kept. */
export type ChangeRunner = (
  job: ChangeJob,
  signal: AbortSignal | undefined,
) => Promise<ChangeFound>;

/** Share of the time for the fewest bytes; the rest is for the steps. */
const BYTES_SHARE = 0.9;

/** Limits of a proof that no clock ends. */
const COUNTED = { rounds: 4, nodeLimit: 100, mostCore: 1500, mostCrossings: 40 };
const BY_CLOCK = { nodeLimit: Infinity, mostCore: Infinity };

/** Looks for the fewest bytes, then for the steps. Where counts limit it, what no change goes below is proven in between. */
export function runChangeJob(job: ChangeJob, run: ChangeRun): ChangeFound {
  const { solver, now, shouldStop, onBetter, board } = run;
  const { problem, held, starts, floor, seed } = job;
  const deadline = now() + job.seconds;
  const bytesEnd = now() + BYTES_SHARE * job.seconds;
  let least = findLeast(problem, countLoadBytes(problem.cluster.model, held), starts, {
    floor,
    solver,
    seed,
    seconds: BYTES_SHARE * job.seconds,
    now,
    shouldStop: () => shouldStop() || now() > bytesEnd,
    ...(onBetter === undefined ? {} : { onBetter }),
    ...(board === undefined ? {} : { board }),
  });
  const tell = (better: LeastBytes): void => {
    least = better;
    onBetter?.(better);
  };
  if (job.seconds === Infinity) proveJob(job, { ...run, onBetter: tell }, least);
  return { least, order: orderJob(job, least.placement, () => shouldStop() || now() > deadline) };
}

/** Proves what no change of a job goes below. Told are higher bounds and better placements, with the best of both. */
export function proveJob(
  job: ChangeJob,
  { solver, now, shouldStop, onBetter, board }: ChangeRun,
  start?: LeastBytes,
): void {
  const { problem, held, floor } = job;
  const load = countLoadBytes(problem.cluster.model, held);
  let least = start ?? fallBack(job);
  const known = (): Placement => {
    const told = board?.least();
    const better = told !== undefined && load.total(told) < load.total(least.placement);
    return better ? told : least.placement;
  };
  const tell = (placement: Placement, proven: Omit<LeastBytes, "placement">): void => {
    least = { ...proven, placement };
    board?.offer(placement, load.total(placement));
    board?.prove(proven.bound);
    onBetter?.(least);
  };
  proveChange(problem, load, solver, {
    ...(job.seconds === Infinity ? COUNTED : BY_CLOCK),
    floor,
    known,
    seconds: BYTES_SHARE * job.seconds,
    now,
    shouldStop,
    carries: (placement) => measureThroughput(problem, placement) >= floor,
    onBound: ({ bound, method }) => {
      if (bound > least.bound) tell(known(), { bound, method });
    },
    onBetter: (placement) => tell(placement, least),
  });
}

/** The steps of a job to a placement; with a stop sign that shows at once, all nodes together. */
export function orderJob(
  { problem, held, stepFloor, rates }: ChangeJob,
  target: Placement,
  shouldStop: () => boolean,
): StepOrder {
  const load = countLoadBytes(problem.cluster.model, held);
  return orderSteps(problem, held, target, {
    floor: stepFloor * measureThroughput(problem, target),
    seconds: (node) => load.of(node, target[node]!) / rates[node]!,
    shouldStop,
  });
}

/** The start that loads least of those that carry the floor, with nothing proven. */
export function fallBack({ problem, held, starts, floor }: ChangeJob): LeastBytes {
  const load = countLoadBytes(problem.cluster.model, held);
  const carrying = starts.filter((start) => measureThroughput(problem, start) >= floor);
  const placement = carrying.reduce((least, start) =>
    load.total(start) < load.total(least) ? start : least,
  );
  return { placement, bound: 0, method: "none" };
}
