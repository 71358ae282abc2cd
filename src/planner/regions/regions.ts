import { truncatedSumBound } from "../coverings/compute-bounds.js";
import {
  boundWithin,
  classesWithin,
  describeNetwork,
  memoryWithin,
  type NetworkModel,
} from "./network-model.js";
import { groupMachines } from "../problem/machine-classes.js";
import { detectRegions } from "../graph/region-detection.js";
import type { NodeIntervals } from "../../core/placement.js";
import { createRandom } from "../../core/random.js";
import { assignChain } from "./region-assignment.js";
import { planChain, type ChainStage } from "./region-chain.js";
import { coverEvenly } from "./region-cover.js";
import { bestPartition, listOrders } from "./region-orders.js";
import { layNodes, type Chain } from "../problem/chain.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/** Regions told apart: every subset and order of them is looked at. */
const MOST_REGIONS = 5;
/** Larger clusters get even coverings only: their stages take too many nodes to be listed. */
const MOST_NODES_FOR_CHAINS = 400;

/** How thoroughly a round looks. */
interface Round {
  /** Share of the best conceivable links that borders are planned with. */
  readonly linkShare: number;
  /** Relative width of the last bracket. */
  readonly precision: number;
  /** Orders per set of regions, those with the thickest links first. */
  readonly orders: number;
  readonly mirrored: boolean;
  /** Stage patterns per region. */
  readonly maxPatterns: number;
}

const LAST_PRECISION = 3e-4;
const ROUNDS: readonly Round[] = [
  { linkShare: 1, precision: 0.02, orders: 3, mirrored: false, maxPatterns: 120 },
  { linkShare: 0.93, precision: LAST_PRECISION, orders: 6, mirrored: false, maxPatterns: 250 },
  { linkShare: 1, precision: LAST_PRECISION, orders: Infinity, mirrored: true, maxPatterns: 600 },
  { linkShare: 0.8, precision: LAST_PRECISION, orders: Infinity, mirrored: true, maxPatterns: 600 },
];
const NODE_LIMIT = 400;
/** Even coverings per set of regions. */
const COVER_STARTS = 3;
/** Integer programs in all when only the clock limits: others want their turn. */
const MOST_STEPS = 160;

interface RegionSearch {
  readonly problem: PlanningProblem;
  readonly context: SearchContext;
  readonly model: NetworkModel;
  /** Best chain by set of regions. */
  readonly chains: Map<number, Chain>;
  steps: number;
}

/**
 * Chains of stages that visit regions one after another, every border wide enough, and sums of
 * several of them over disjoint sets of regions: a set that holds the model alone need not cross
 * thin links at all. For every set of regions and every order of it the greatest flow is found by
 * bisection over {@link planChain}; what cannot better the incumbent is skipped. One step of the
 * budget is one integer program or one even covering.
 */
export const searchRegions: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const computed = truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  const flowBound = Math.min(computed, context.upperBound());
  const regions = detectRegions(cluster, { maxRegions: MOST_REGIONS, flowBound });
  // Pinned nodes hold what they must; chains are made of the others.
  const taken = new Set([...constraints.drained, ...constraints.pins.keys()]);
  const model = describeNetwork(cluster, regions, taken);
  const search: RegionSearch = { problem, context, model, chains: new Map(), steps: 0 };
  const all = (1 << model.regionCount) - 1;
  const sets = Array.from({ length: all }, (_, index) => index + 1)
    .filter((set) => memoryWithin(model, set) >= model.layers)
    .sort((a, b) => boundWithin(model, b) - boundWithin(model, a) || a - b);
  coverSets(search, sets);
  offerPartition(search, all);
  if (cluster.nodes.length > MOST_NODES_FOR_CHAINS) return;
  for (const round of ROUNDS) {
    // Regions by themselves first: their sum is a start that no thin link can spoil.
    for (const set of [...sets].sort((a, b) => Number(isSingle(b)) - Number(isSingle(a)))) {
      for (const order of chooseOrders(model, set, round)) {
        if (isOver(search)) return;
        improveChain(search, set, order, round);
      }
      offerPartition(search, all);
    }
    if (model.regionCount === 1 && round.precision === LAST_PRECISION) return;
  }
};

const isSingle = (set: number): boolean => (set & (set - 1)) === 0;

/** Orders in which every step has a link, thickest bottleneck first. */
function chooseOrders(
  model: NetworkModel,
  set: number,
  round: Round,
): readonly (readonly number[])[] {
  return listOrders(set)
    .filter((order) => round.mirrored || !isMirrored(model, order))
    .map((order) => ({
      order,
      width: order
        .slice(1)
        .reduce((least, to, i) => Math.min(least, linkOver(model, order[i]!, to)), Infinity),
    }))
    .filter(({ width }) => width > 0)
    .sort((a, b) => b.width - a.width)
    .slice(0, round.orders)
    .map(({ order }) => order);
}

/** Tokens/s over the best single link from one region to another. */
function linkOver(model: NetworkModel, from: number, to: number): number {
  return model.crossings[from]![to]?.(1, 1) ?? 0;
}

function isOver(search: RegionSearch): boolean {
  return (
    search.context.shouldStop() || search.steps >= Math.min(MOST_STEPS, search.context.iterations)
  );
}

/** Whether the reverse order comes earlier and meets links as good as this one's. */
function isMirrored(model: NetworkModel, order: readonly number[]): boolean {
  if (order.length < 2 || order[0]! < order.at(-1)!) return false;
  return order.slice(1).every((to, index) => {
    const from = order[index]!;
    const there = linkOver(model, from, to);
    const back = linkOver(model, to, from);
    return Math.abs(there - back) <= 0.1 * Math.max(there, back);
  });
}

/** Bisects the flow of one order above what would help. */
function improveChain(
  search: RegionSearch,
  set: number,
  order: readonly number[],
  round: Round,
): void {
  const { precision } = round;
  const { model, chains, context } = search;
  const all = (1 << model.regionCount) - 1;
  const known = chains.get(set)?.tokensPerSecond ?? 0;
  const carried = context.incumbent()?.throughput ?? 0;
  let low = Math.max(known, carried - boundWithin(model, all & ~set)) * (1 + precision);
  let high = Math.min(boundWithin(model, set), context.upperBound());
  let tried = low > 0 ? low : high / 4;
  while (high - low > precision * high && !isOver(search)) {
    const stages = solveChain(search, order, tried, round);
    if (stages === undefined) {
      if (low > 0 && tried === low) return;
      high = tried;
    } else {
      const flow = keepChain(search, set, assignChain(search.problem.cluster, model, stages));
      low = Math.min(high, Math.max(tried, flow));
    }
    tried = (low + high) / 2;
  }
}

function solveChain(
  search: RegionSearch,
  order: readonly number[],
  flow: number,
  { linkShare, maxPatterns }: Round,
): readonly ChainStage[] | undefined {
  const { problem, context, model } = search;
  const { maxDepth = Infinity, maxNodesPerStage = Infinity } = problem.constraints;
  search.steps++;
  return planChain(
    { model, order, flow, maxDepth, maxNodesPerStage, linkShare, maxPatterns },
    context.solver,
    {
      nodeLimit: NODE_LIMIT,
      shouldStop: () => context.shouldStop(),
      ...(context.iterations === Infinity ? { timeLimitSeconds: 1 } : {}),
    },
  );
}

function offerPartition(search: RegionSearch, all: number): void {
  const worth = new Map(
    [...search.chains].map(([set, { tokensPerSecond }]) => [set, tokensPerSecond]),
  );
  const parts = bestPartition(worth, all);
  if (parts.length > 1)
    offerChains(
      search,
      parts.map((set) => search.chains.get(set)!.intervals),
    );
}

/** @returns what the intervals carry by themselves. */
function keepChain(search: RegionSearch, set: number, intervals: NodeIntervals): number {
  const flow = offerChains(search, [intervals]);
  if (flow > (search.chains.get(set)?.tokensPerSecond ?? 0))
    search.chains.set(set, { tokensPerSecond: flow, intervals });
  return flow;
}

/** Covers the layers evenly with the nodes of every set, as if its links were wide. */
function coverSets(search: RegionSearch, sets: readonly number[]): void {
  const { model, context } = search;
  const random = createRandom(context.seed);
  for (const set of sets) {
    for (let start = 0; start < COVER_STARTS && !isOver(search); start++) {
      search.steps++;
      const classes = classesWithin(model, set);
      const scale = boundWithin(model, set);
      const stop = (): boolean => context.shouldStop();
      keepChain(search, set, coverEvenly(classes, model.layers, scale, random.fork(), stop));
    }
  }
}

/** @returns what they carry together. */
function offerChains(search: RegionSearch, chains: readonly NodeIntervals[]): number {
  const { problem, context } = search;
  return context.offer(layNodes(problem, chains.flat()));
}
