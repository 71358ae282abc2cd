import type { Cluster } from "../../core/cluster.js";
import type { Partition } from "../../core/parting.js";
import { boundParts, type PartsBound } from "../../planner/parts/bound-parts.js";
import { DEFAULT_GAP, boundExactly, type ExactBound } from "./part-bound.js";
import { problemFor } from "../served/problem-for.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { createPartSearch, keyOf, type NodesOptions, type PlanNodes } from "./part-search.js";
import { describeSpace, type PartSpace } from "./part-space.js";
import { planLatencyParts } from "./plan-latency-parts.js";
import { planServedParts } from "./plan-served-parts.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

const DEFAULT_TIME_LIMIT = 60;
/** Share of the time for bounds over all partitions. */
const BOUNDS = 0.2;
/** Share of the time in which every partition gets its first look. */
const FIRST_LOOKS = 0.5;
/** Share of it after which no other partition is tried: the best one gets the rest. */
const OTHERS = 0.75;
/** Least seconds of a search that are worth its start. */
const LEAST_SECONDS = 1;
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
  options: NodesOptions,
  ports: GoodputPorts,
  planNodes: PlanNodes,
): Promise<PlanOutcome> {
  if (options.objective === "latency") return planLatencyParts(cluster, options, ports, planNodes);
  const started = ports.now();
  const served = await planServedParts(cluster, options, ports, planNodes);
  if (served !== undefined) return served;
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
  const candidates = listFirst(space, bound, options);
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
      const nearest = space
        .listNear(before.partition)
        .map((near) => ({ near, own: space.boundOf(near) }))
        .toSorted((a, b) => b.own - a.own);
      for (const { near, own } of nearest) {
        const spent = Number.isFinite(limit) ? elapsed() > OTHERS * limit : tried >= MOST_NEAR;
        if (search.isOver() || spent) return;
        if (search.wasTried(near) || own <= search.bestFlow() * (1 + gap / 10)) continue;
        tried += 1;
        if (await search.tryOne(near, slice(OTHERS, 6), own)) break;
      }
      from = search.best() === before ? undefined : search.best();
    }
  }
}

/** Bounds that see no link; and for tiny clusters the exact model, whose partition is tried first. */
async function boundAll(
  cluster: Cluster,
  { parts, layers }: PartSpace,
  options: PlanOptions,
  ports: GoodputPorts,
  shouldStop: () => boolean,
): Promise<AllBound> {
  const solver = await ports.loadSolver(options.solver ?? "highs");
  const problem = problemFor(cluster, options);
  const limits = { ...problem.constraints, shouldStop };
  const { mixes, ...flow } = boundParts(parts, layers, solver, limits);
  return { ...boundExactly(problem, flow, solver, shouldStop), mixes };
}

type AllBound = ExactBound & Pick<PartsBound, "mixes">;

/**
 * Alike first, the most promising degree before the others; then the mixes that the bound asks for. Within limits on latency that
 * is the largest, whose few nodes are also planned soonest; else that of the highest bound.
 */
function listFirst(
  space: PartSpace,
  { mixes, exact }: AllBound,
  { warmStart, limits }: PlanOptions,
): readonly Partition[] {
  const uniform = space.uniform
    .map((partition) => ({
      partition,
      bound: space.boundOf(partition),
      parts: partition.flat(2).length,
    }))
    .toSorted((a, b) => (limits === undefined ? 0 : a.parts - b.parts) || b.bound - a.bound)
    .map(({ partition }) => partition);
  const warm = warmStart !== undefined;
  const first = [...(warm ? [space.now] : []), ...(exact === undefined ? [] : [exact])];
  return [...first, ...uniform, ...mixes.map((counts) => space.build(counts))];
}

function distinct(partitions: readonly Partition[]): readonly Partition[] {
  return [...new Map(partitions.map((partition) => [keyOf(partition), partition])).values()];
}
