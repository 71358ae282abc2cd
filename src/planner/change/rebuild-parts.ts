import type { Placement } from "../../core/placement.js";
import { shuffle, type Random } from "../../core/random.js";
import type { Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import { buildCover } from "./cover-model.js";
import type { LoadBytes } from "./load-bytes.js";

export interface RebuildOptions {
  /** Tokens/s that the placement must carry. */
  readonly floor: number;
  readonly solver: Solver;
  readonly random: Random;
  /** Parts tried at most. */
  readonly parts: number;
  readonly shouldStop: () => boolean;
  /** Whether a placement carries the floor over the links that there are. */
  readonly carries: (placement: Placement) => boolean;
  readonly onBetter: (placement: Placement) => void;
  /** What others found meanwhile, if anything. */
  readonly others: () => Placement | undefined;
  /** A clock, where parts may grow by it. */
  readonly now?: () => number;
}

/** Nodes freed at a time, at first: as many as branch and bound places in about a second. */
const FREED = 10;
/** Fewer are hardly ever better placed. */
const FEWEST_FREED = 6;
const SECONDS = 3;
/** A part that was solved faster than this and held nothing better is followed by larger ones. */
const SOON = 0.5;
const NODES = 300;
/** The longest range of layers around which nodes are freed. */
const LONGEST_RANGE = 24;

/**
 * Large neighbourhood search for fewer bytes: all nodes but a few stay, and the covering program places these few
 * anew. The few are some that load something, or some that hold or held layers of one range; by a clock they become more as long as
 * such parts are soon solved. @returns a placement that carries the floor and loads no more than the one given, which must carry it.
 */
export function rebuildParts(
  problem: PlanningProblem,
  load: LoadBytes,
  start: Placement,
  { floor, solver, random, parts, shouldStop, carries, onBetter, others, now }: RebuildOptions,
): Placement {
  let best = start;
  let size = FREED;
  for (let part = 0; part < parts && !shouldStop(); part++) {
    const other = others();
    if (other !== undefined && load.total(other) < load.total(best)) {
      best = other;
      onBetter(best);
      continue;
    }
    const free = new Set(drawPart(problem, load, best, { random, size }));
    const bytes = [...free].reduce((sum, node) => sum + load.of(node, best[node]!), 0);
    if (bytes === 0) continue;
    const layers = bytes / load.largestLayer;
    const cover = buildCover(problem, load, { floor, free, fixed: best, mostCost: layers });
    const begun = now?.() ?? 0;
    const found = solver.solve(cover.model, {
      timeLimitSeconds: SECONDS,
      nodeLimit: NODES,
      shouldStop,
      cutoff: layers - Math.max(1e-6, load.step / (2 * load.largestLayer)),
    });
    const ended = found.termination === "solved" || found.termination === "objective-limit";
    if (now !== undefined && !ended) size = Math.max(FEWEST_FREED, size - 1);
    else if (now !== undefined && now() - begun < SOON) size += 1;
    if (found.columns === undefined) continue;
    const placement = cover.decode(found.columns);
    if (load.total(placement) >= load.total(best) || !carries(placement)) continue;
    best = placement;
    onBetter(best);
  }
  return best;
}

function drawPart(
  { cluster, constraints }: PlanningProblem,
  { held, of }: LoadBytes,
  placement: Placement,
  { random, size }: { readonly random: Random; readonly size: number },
): readonly number[] {
  const movable = [...placement.keys()].filter(
    (node) => !constraints.pins.has(node) && !constraints.drained.has(node),
  );
  const layers = cluster.model.layers;
  const from = random.int(layers);
  const to = from + 4 + random.int(LONGEST_RANGE - 4);
  const touches = (node: number): boolean =>
    placement[node] === null ||
    [placement[node] ?? null, held[node] ?? null].some(
      (each) => each !== null && each[0] < to && from < each[1],
    );
  const loads = (node: number): boolean => of(node, placement[node]!) > 0;
  const drawn = movable.filter(random.int(3) === 0 ? loads : touches);
  shuffle(drawn, random);
  return drawn.slice(0, size);
}
