import type { Cluster } from "../../core/cluster.js";
import { listDegrees, partitionOf, uniformPartition, type Partition } from "../../core/parting.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { truncatedSumBound } from "../../planner/coverings/compute-bounds.js";
import { boundParts, type PartsBound } from "../../planner/parts/bound-parts.js";
import {
  listAllPartitions,
  listNearPartitions,
  sizeClasses,
  type PatternCounts,
} from "../../planner/parts/near-partitions.js";
import {
  assignPatterns,
  countPatterns,
  listLeftOut,
  listPartClasses,
  type PartClasses,
} from "../../planner/parts/part-groups.js";
import { solveExactParts } from "../../planner/parts/exact-parts.js";
import { problemFor } from "../served/problem-for.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { keepParts } from "./part-constraints.js";
import { createPartSearch, keyOf, type PlanNodes } from "./part-search.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

const DEFAULT_TIME_LIMIT = 60;
const DEFAULT_GAP = 0.01;
/** Share of the time for bounds over all partitions. */
const BOUNDS = 0.2;
/** Share of the time in which every partition gets its first look. */
const FIRST_LOOKS = 0.5;
/** Share of it after which no other partition is tried: the best one gets the rest. */
const OTHERS = 0.75;
/** Least seconds of a search that are worth its start. */
const LEAST_SECONDS = 1;
/** Partitions up to which all of them are planned, so that their bounds are one of the whole. */
const MOST_LISTED = 12;
/** With an iteration limit: neighbours of the best partition that are looked at. */
const MOST_NEAR = 8;

/**
 * Plans with the choice how the cards of every machine work together. All machines parted alike, by every
 * legal degree, come first, so that no fixed degree is better than what comes out but by luck of a search;
 * then the mixes that the bound over all partitions asks for; then what a machine, or half of its kind,
 * parted otherwise would give. A partition whose own bound is no better than what is known is left out.
 * The bound printed holds for every partition.
 */
export async function planParts(
  cluster: Cluster,
  options: PlanOptions,
  ports: GoodputPorts,
  planNodes: PlanNodes,
): Promise<PlanOutcome> {
  const started = ports.now();
  const limit =
    options.timeLimitSeconds ??
    (options.iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity);
  const elapsed = (): number => ports.now() - started;
  const gap = options.gap ?? DEFAULT_GAP;
  const space = describeSpace(cluster, options);
  const bound = await boundAll(
    cluster,
    space,
    options,
    ports,
    () => options.signal?.aborted === true || elapsed() > BOUNDS * limit,
  );
  const search = createPartSearch(cluster, { ...options, gap }, bound, planNodes, ports);
  const candidates = listFirst(space, bound, options.warmStart !== undefined);
  const slice = (share: number, among: number): number =>
    Number.isFinite(limit)
      ? Math.max(LEAST_SECONDS, (share * limit - elapsed()) / among)
      : Infinity;
  const all = space.all ?? [];
  const complete = space.all !== undefined;
  const rest = complete ? all.map((counts) => space.build(counts)) : [];
  const queue = distinct([...candidates, ...rest]);
  for (const [index, partition] of queue.entries()) {
    if (search.isOver() || elapsed() > FIRST_LOOKS * limit) break;
    await search.tryOne(
      partition,
      slice(FIRST_LOOKS, queue.length - index),
      space.boundOf(partition),
    );
  }
  // Looks too short for anything: the most promising partition gets all that is left.
  if (search.best() === undefined && Number.isFinite(limit))
    await search.goOn(queue[0]!, Math.max(LEAST_SECONDS, limit - elapsed()));
  if (!complete) await searchNear();
  if (Number.isFinite(limit)) await lookAgain();
  // Bounds of single partitions are one of the whole only when there is one for each.
  const settled = complete && rest.every((partition) => search.wasTried(partition));
  return search.finish(settled, elapsed());

  /** A longer look at the better half of what is still open, again and again; the last one gets the rest. */
  async function lookAgain(): Promise<void> {
    for (let open = search.listOpen(); open.length > 0 && !search.isOver();) {
      for (const [index, partition] of open.entries()) {
        const left = limit - elapsed();
        if (search.isOver() || left < LEAST_SECONDS) return;
        const among = open.length === 1 ? 1 : 2 * (open.length - index);
        await search.goOn(partition, left / among);
      }
      if (open.length === 1) return;
      open = search.listOpen().slice(0, Math.ceil(open.length / 2));
    }
  }

  /** Goes from the best partition to a better one near it, as long as there is one. */
  async function searchNear(): Promise<void> {
    let from = search.best();
    for (let tried = 0; from !== undefined;) {
      const before = from;
      for (const near of space.listNear(before.partition)) {
        const spent = Number.isFinite(limit) ? elapsed() > OTHERS * limit : tried >= MOST_NEAR;
        if (search.isOver() || spent) return;
        const own = space.boundOf(near);
        if (search.wasTried(near) || own <= search.bestFlow() * (1 + gap / 10)) continue;
        tried += 1;
        if (await search.tryOne(near, slice(OTHERS, 6), own)) break;
      }
      from = search.best() === before ? undefined : search.best();
    }
  }
}

/** What partitions there are. */
interface Space {
  readonly parts: PartClasses;
  readonly layers: number;
  /** All, where they are few. */
  readonly all: readonly PatternCounts[] | undefined;
  readonly uniform: readonly Partition[];
  /** As the cluster is parted now. */
  readonly now: Partition;
  build(counts: PatternCounts): Partition;
  /** Tokens/s that this partition cannot exceed, by compute alone. */
  boundOf(partition: Partition): number;
  /** The most promising first. */
  listNear(partition: Partition): readonly Partition[];
}

function describeSpace(cluster: Cluster, options: PlanOptions): Space {
  const { parting } = cluster;
  const { layers } = cluster.model;
  const leftOut = listLeftOut(cluster, options.constraints?.drained ?? new Set());
  const parts = listPartClasses(cluster, leftOut);
  const { tensorParallel } = chooseEngine(cluster, options).engine;
  const degrees = tensorParallel === "none" ? [1] : listDegrees(parting!);
  const kept = keepParts(cluster, options.constraints);
  const build = (counts: PatternCounts): Partition =>
    kept(assignPatterns(cluster, parts.groups, counts));
  const boundOf = (partition: Partition): number => {
    const sized = sizeClasses(parts, countPatterns(parts.groups, partition));
    return truncatedSumBound(sized.classes, layers);
  };
  const free = tensorParallel !== "none";
  return {
    parts,
    layers,
    all: free ? listAllPartitions(parts.groups, MOST_LISTED) : undefined,
    uniform: degrees.map((degree) => kept(uniformPartition(parting!, degree))),
    now: partitionOf(cluster),
    build,
    boundOf,
    listNear: (partition) =>
      !free
        ? []
        : listNearPartitions(parts.groups, countPatterns(parts.groups, partition))
            .map((counts) => {
              const near = build(counts);
              return { near, bound: boundOf(near) };
            })
            .toSorted((a, b) => b.bound - a.bound)
            .map(({ near }) => near),
  };
}

/** Bounds that see no link; and for tiny clusters the exact model, whose partition is tried first. */
async function boundAll(
  cluster: Cluster,
  { parts, layers }: Space,
  options: PlanOptions,
  ports: GoodputPorts,
  shouldStop: () => boolean,
): Promise<AllBound> {
  const solver = await ports.loadSolver(options.solver ?? "highs");
  const bound = boundParts(parts, layers, solver, shouldStop);
  const problem = problemFor(cluster, options);
  const { pins, drained } = problem.constraints;
  if (pins.size > 0 || drained.size > 0) return { ...bound, exact: undefined };
  const exact = solveExactParts(problem, bound.value, solver, shouldStop);
  const tighter = exact !== undefined && exact.bound < bound.value;
  return {
    ...bound,
    exact: exact?.partition,
    ...(tighter ? { value: exact.bound, name: "exact MILP over partitions" } : {}),
  };
}

interface AllBound extends PartsBound {
  /** The best partition where links count, too. */
  readonly exact: Partition | undefined;
}

/** Alike first, the most promising degree before the others; then the mixes that the bound asks for. */
function listFirst(space: Space, { mixes, exact }: AllBound, warm: boolean): readonly Partition[] {
  const uniform = space.uniform
    .map((partition) => ({ partition, bound: space.boundOf(partition) }))
    .toSorted((a, b) => b.bound - a.bound)
    .map(({ partition }) => partition);
  const first = [...(warm ? [space.now] : []), ...(exact === undefined ? [] : [exact])];
  return [...first, ...uniform, ...mixes.map((counts) => space.build(counts))];
}

function distinct(partitions: readonly Partition[]): readonly Partition[] {
  return [...new Map(partitions.map((partition) => [keyOf(partition), partition])).values()];
}
