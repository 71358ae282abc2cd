import type { Placement } from "../../core/placement.js";
import type { Solver } from "../../math/lp/solver.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import type { PlanningProblem } from "../problem/problem.js";
import { MOST_COLUMNS } from "./cover-change.js";
import { buildCover, countCoverColumns, ROUNDING } from "./cover-model.js";
import { followRegions } from "./follow-regions.js";
import type { LoadBytes } from "./load-bytes.js";
import {
  keepBelow,
  listChanges,
  relaxWay,
  solveWay,
  type Relaxed,
  type Way,
} from "./region-ways.js";
import { listRegionRows, type RegionRows, type RegionSet } from "./region-rows.js";

export interface ImproveOptions {
  /** Tokens/s that the placement must carry. */
  readonly floor: number;
  readonly solver: Solver;
  /** Others whose ways are near good ones; they need not carry the floor. */
  readonly hints: readonly Placement[];
  /** Of the search, of which this takes a share; Infinity: counts limit it. */
  readonly seconds: number;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** Whether a placement carries the floor over the links that there are. */
  readonly carries: (placement: Placement) => boolean;
  readonly onBetter: (placement: Placement) => void;
}

/** What it may take of the time, each way by a clock, and without one. */
const SHARE = 0.5;
const BY_CLOCK = { timeLimitSeconds: 2 };
const WAYS = 10;
const COUNTED = { nodeLimit: 50 };
/** Ways relaxed before those that may hold something better are placed anew. */
const PART = 30;
/** How far a border moves. */
const SHIFTS = [-1, 1, -2, 2, -3, 3, -5, 5];
/** Layers of a stretch that is put in. */
const STRETCHES = [2, 4];

/**
 * Local search over ways through the regions, where links between them are thin: for the way of a placement, then for
 * ways near it, branch and bound places all nodes so that the regions on the way cover their layers. What that finds
 * mostly carries the floor; placements of the covering program hardly ever do there. @returns the best placement found; undefined where
 * no link between regions is thin, or there are too many columns.
 */
export function improveRegions(
  problem: PlanningProblem,
  load: LoadBytes,
  start: Placement,
  options: ImproveOptions,
): Placement | undefined {
  const { solver, floor, carries, onBetter, seconds, now } = options;
  const begun = now();
  const shouldStop = (): boolean => options.shouldStop() || now() - begun > SHARE * seconds;
  if (countCoverColumns(problem, load) > MOST_COLUMNS) return undefined;
  const { cluster } = problem;
  const cover = buildCover(problem, load, {
    floor,
    mostCost: load.total(start) / load.largestLayer,
  });
  const { layers } = cluster.model;
  const rows = listRegionRows(cluster, {
    floor,
    slack: ROUNDING,
    model: cover.model,
    columns: cover.columns,
    layerOf: Array.from({ length: cover.model.rowCount }, (_, row) =>
      row < layers ? row : undefined,
    ),
  });
  if (rows === undefined) return undefined;
  const all = Int32Array.from(cover.columns.keys());
  const relaxed = relaxWay(rows, [], all, solver, { shouldStop });
  if (relaxed === undefined || relaxed === "open") return start;
  const worth = Math.max(1e-6, load.step / (2 * load.largestLayer));
  let best = start;
  let left = seconds < Infinity ? Infinity : WAYS;
  const effort = seconds < Infinity ? BY_CLOCK : COUNTED;
  const tried = new Set<string>();
  const cutoff = (): number => load.total(best) / load.largestLayer - worth;
  /** Whether the way holds something better. */
  const tryWay = (way: Way, near: Relaxed): boolean => {
    left -= 1;
    const limits = { ...effort, cutoff: cutoff(), shouldStop };
    const columns = keepBelow(near, cutoff());
    const values = solveWay(rows, way, columns, solver, limits)?.columns;
    if (values === undefined) return false;
    const placement = cover.decode(values);
    if (load.total(placement) >= load.total(best) || !carries(placement)) return false;
    best = placement;
    onBetter(best);
    return true;
  };
  const hints = options.hints.filter((each) => measureThroughput(problem, each) > 0);
  const spent = (): boolean => left <= 0 || shouldStop();
  for (let improved = true; improved && !spent();) {
    improved = false;
    const columns = keepBelow(relaxed, cutoff());
    const ways = [best, ...hints].flatMap((each) =>
      listNear(wayOf(problem, each, rows), rows.sets),
    );
    for (const some of inParts(ways.filter((way) => !tried.has(String(way))))) {
      const near = some.flatMap((way) => {
        if (tried.has(String(way))) return [];
        tried.add(String(way));
        const found = spent() ? undefined : relaxWay(rows, way, columns, solver, { shouldStop });
        return found === undefined || found === "open" ? [] : [{ way, found }];
      });
      for (const { way, found } of near.sort((a, b) => a.found.bound - b.found.bound)) {
        if (spent() || found.bound >= cutoff()) break;
        if (tryWay(way, found)) improved = true;
      }
      // Ways near what is found now are worth more.
      if (improved) break;
    }
  }
  return best;
}

/** A few at a time, the first one by itself: it is the way of the best known. */
function inParts(ways: readonly Way[]): readonly (readonly Way[])[] {
  const parts = [ways.slice(0, 1)];
  for (let from = 1; from < ways.length; from += PART) parts.push(ways.slice(from, from + PART));
  return parts;
}

function wayOf(problem: PlanningProblem, placement: Placement, { setOf }: RegionRows): Way {
  return followRegions(problem, placement).map((regions) => setOf(regions));
}

/** The way itself and those with a border moved, a stretch given to other regions, or a short one put in beside a border. */
function listNear(way: Way, sets: readonly RegionSet[]): readonly Way[] {
  const near: Way[] = [way];
  const put = (from: number, to: number, set: RegionSet): void => {
    near.push(way.map((own, layer) => (layer >= from && layer < to ? set : own)));
  };
  const borders = [0, ...listChanges(way).map(({ border }) => border), way.length];
  borders.slice(1).forEach((to, at) => {
    const from = borders[at]!;
    for (const set of sets) if (set !== way[from]) put(from, to, set);
    if (to === way.length) return;
    for (const shift of SHIFTS)
      if (shift < 0) put(to + shift, to, way[to]!);
      else put(to, to + shift, way[from]!);
    for (const length of STRETCHES)
      for (const set of sets) {
        put(to - length, to, set);
        put(to, to + length, set);
      }
  });
  return near;
}
