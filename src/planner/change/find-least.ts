import { BugError } from "../../core/errors.js";
import type { Placement } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import type { Solver } from "../../math/lp/solver.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import { annealBytes } from "./anneal-bytes.js";
import { coverChange, type CoverOutcome } from "./cover-change.js";
import { isMet } from "./grow-core.js";
import { improveRegions } from "./improve-regions.js";
import { keepClose } from "./keep-close.js";
import type { LoadBytes } from "./load-bytes.js";
import { rebuildParts } from "./rebuild-parts.js";
import { relayChains } from "./relay-chains.js";

export interface LeastOptions {
  /** Tokens/s that must be carried; one of the starts must. */
  readonly floor: number;
  readonly solver: Solver;
  readonly seed: number;
  /** Seconds for all of it; Infinity: the counts below alone limit it, and the outcome is a function of the input. */
  readonly seconds: number;
  /** On a clock that only goes forward. */
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** Told of each better placement, with what is proven by then. */
  readonly onBetter?: (best: LeastBytes) => void;
  /** What is found and proven beside this search, where something is. */
  readonly board?: ChangeBoard;
}

/** What the search for changes and the proof of what none goes below tell each other while both run. */
export interface ChangeBoard {
  /** The best placement told; it carries the floor. */
  least(): Placement | undefined;
  /** Keeps the placement if it loads less than the one it has. */
  offer(placement: Placement, bytes: number): void;
  bound(): number;
  prove(bound: number): void;
}

export interface LeastBytes {
  readonly placement: Placement;
  /** No placement that carries the floor loads fewer bytes. */
  readonly bound: number;
  readonly method: CoverOutcome["method"] | "nothing to load" | "none";
}

/** Flows solved in drawing one placement back; larger clusters, whose flows take longer, get fewer. */
const MOST_FLOWS = 20_000;
const MOST_NODE_FLOWS = 2e6;
/** Moves of one annealing without a clock, and of all of them with one. */
const MOVES = 40_000;
const MOST_MOVES = 1e9;
const ANNEALINGS = 4;
/** Shares of the time: of each annealing, and what the cover may take; the rest goes to parts placed anew. */
const ANNEALING_SHARE = 0.08;
/** Share of the time of drawing one placement back, where the clock limits it. */
const CLOSE_SHARE = 0.04;
const COVER_SHARE = 0.34;
const COVER_NODES = 2000;
/** Columns of the cover's largest core where no clock ends it. */
const MOST_CORE = 4000;
const UNPROVEN = { bound: 0, method: "none", placements: [] } as const;
/** Parts placed anew where no clock ends it. */
const PARTS = 12;

/**
 * The fewest bytes found among the starts that carry the floor, these drawn back towards what runs, the covering
 * model's placements, and annealings from the first start and from the best; and what no placement goes below.
 */
export function findLeast(
  problem: PlanningProblem,
  load: LoadBytes,
  starts: readonly Placement[],
  options: LeastOptions,
): LeastBytes {
  const { floor, seconds, now, board } = options;
  const started = now();
  const byClock = seconds < Infinity;
  const mostFlows = Math.min(MOST_FLOWS, Math.ceil(MOST_NODE_FLOWS / load.held.length));
  const random = createRandom(options.seed);
  let least: Placement | undefined;
  /** Whether what is proven beside says that nothing is left to find. */
  const ends = (bound: number): boolean =>
    least !== undefined && isMet(load.total(least), bound, load);
  const shouldStop = (): boolean =>
    options.shouldStop() || (board !== undefined && ends(board.bound()));
  const carries = (placement: Placement): boolean => measureThroughput(problem, placement) >= floor;
  const offer = (placement: Placement): void => {
    if (least !== undefined && load.total(placement) >= load.total(least)) return;
    if (!carries(placement)) return;
    least = placement;
    board?.offer(placement, load.total(placement));
    options.onBetter?.({ placement, bound: 0, method: "none" });
  };
  const offerClose = (placement: Placement): void => {
    if (!carries(placement)) return;
    offer(placement);
    const begun = now();
    const late = (): boolean => shouldStop() || now() - begun > CLOSE_SHARE * seconds;
    const later = (): boolean => shouldStop() || now() - begun > 2 * CLOSE_SHARE * seconds;
    const close = keepClose(problem, load, placement, { floor, shouldStop: late, mostFlows });
    offer(close);
    for (const laid of [placement, close])
      offer(relayChains(problem, load, laid, { floor, shouldStop: later }));
  };
  const anneal = (from: Placement, known: Placement): void => {
    const begun = now();
    const elapsed = (): number => (now() - begun) / (ANNEALING_SHARE * seconds);
    const clock = byClock ? { elapsed } : {};
    const moves = byClock ? MOST_MOVES : MOVES;
    offerClose(
      annealBytes(problem, load, known, { floor, from, random, moves, shouldStop, ...clock }),
    );
  };
  const cover = (timeLimitSeconds: number, known: Placement): CoverOutcome =>
    coverChange(problem, load, options.solver, {
      floor,
      known,
      timeLimitSeconds,
      nodeLimit: COVER_NODES,
      mostCore: byClock ? Infinity : MOST_CORE,
      now,
      shouldStop,
      carries,
    });

  for (const start of starts) offerClose(start);
  if (least === undefined) throw new BugError("no start carries the floor taken from them");
  const first = least;
  for (let run = 0; run < ANNEALINGS && load.total(least) > 0; run++) {
    // Where two found nothing, their time is worth more elsewhere.
    if (byClock && run === 2 && least === first) break;
    anneal(run % 3 < 2 ? starts[0]! : least, least);
  }
  if (load.total(least) === 0) return { placement: least, bound: 0, method: "nothing to load" };
  const along = { ...options, hints: starts, shouldStop, carries, onBetter: offer };
  const thin =
    problem.constraints.chainsOnly !== true &&
    improveRegions(problem, load, least, along) !== undefined;
  // Where links are thin, placements of the cover hardly ever carry the floor: it would only prove.
  const { bound, method, placements } =
    thin && board !== undefined ? UNPROVEN : cover(COVER_SHARE * seconds, least);
  for (const placement of placements) offerClose(placement);
  options.onBetter?.({ placement: least, bound, method });
  least = rebuildParts(problem, load, least, {
    floor,
    solver: options.solver,
    random,
    parts: byClock ? Infinity : PARTS,
    shouldStop: () => shouldStop() || ends(bound) || now() - started > seconds,
    carries,
    onBetter: (placement) => {
      least = placement;
      board?.offer(placement, load.total(placement));
      options.onBetter?.({ placement, bound, method });
    },
    others: () => board?.least(),
    ...(byClock ? { now } : {}),
  });
  return { placement: least, bound, method };
}
