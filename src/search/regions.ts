import { truncatedSum } from "../bounds/network-bound.js";
import { describeNetwork, type NetworkModel } from "../bounds/network-model.js";
import { detectRegions } from "../network/region-detection.js";
import type { LayerInterval } from "../placement/placement.js";
import { assignChain } from "./region-assignment.js";
import { planChain, type ChainStage } from "./region-chain.js";
import { bestPartition, listOrders } from "./region-orders.js";
import type { PlanningProblem } from "./problem.js";
import type { SearchContext, Strategy } from "./strategy.js";

/** Regions told apart: every subset and order of them is looked at. */
const MOST_REGIONS = 5;
/** Shares of the best conceivable links that borders are planned with, one round each. */
const LINK_SHARES: readonly number[] = [1, 0.93, 0.8];
const NODE_LIMIT = 400;
const PRECISION = 3e-4;

interface Chain {
  readonly flow: number;
  readonly stages: readonly ChainStage[];
}

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
 * budget is one integer program.
 */
export const searchRegions: Strategy = (problem, context) => {
  const { cluster, constraints } = problem;
  const whole = truncatedSum(
    describeNetwork(cluster, detectRegions(cluster, { maxRegions: 1 }), constraints.drained),
  );
  const flowBound = Math.min(whole, context.upperBound());
  const regions = detectRegions(cluster, { maxRegions: MOST_REGIONS, flowBound });
  const model = describeNetwork(cluster, regions, constraints.drained);
  const search: RegionSearch = { problem, context, model, chains: new Map(), steps: 0 };
  const all = (1 << model.regionCount) - 1;
  const sets = Array.from({ length: all }, (_, index) => index + 1)
    .filter((set) => memoryOf(model, set) >= model.layers)
    .sort((a, b) => bitCount(a) - bitCount(b) || a - b);
  for (const linkShare of LINK_SHARES) {
    for (const set of sets) {
      for (const order of listOrders(set)) {
        if (isOver(search)) return;
        improveChain(search, set, order, linkShare);
      }
      offerPartition(search, all);
    }
  }
};

function isOver(search: RegionSearch): boolean {
  return search.context.shouldStop() || search.steps >= search.context.iterations;
}

/** Bisects the flow of one order above what would help. */
function improveChain(
  search: RegionSearch,
  set: number,
  order: readonly number[],
  linkShare: number,
): void {
  const { model, chains, context } = search;
  for (let i = 1; i < order.length; i++) {
    if (model.crossings[order[i - 1]!]![order[i]!] === undefined) return;
  }
  const all = (1 << model.regionCount) - 1;
  const known = chains.get(set)?.flow ?? 0;
  const carried = context.incumbent()?.throughput ?? 0;
  let low = Math.max(known, carried - boundOf(model, all & ~set)) * (1 + PRECISION);
  let high = Math.min(boundOf(model, set), context.upperBound());
  let tried = low > 0 ? low : high / 4;
  while (high - low > PRECISION * high && !isOver(search)) {
    const stages = solveChain(search, order, tried, linkShare);
    if (stages === undefined) {
      if (low > 0 && tried === low) return;
      high = tried;
    } else {
      const flow = offerChains(search, [stages]);
      if (flow > (chains.get(set)?.flow ?? 0)) chains.set(set, { flow, stages });
      low = tried;
    }
    tried = (low + high) / 2;
  }
}

function solveChain(
  search: RegionSearch,
  order: readonly number[],
  flow: number,
  linkShare: number,
): readonly ChainStage[] | undefined {
  const { problem, context, model } = search;
  const { maxDepth = Infinity, maxNodesPerStage = Infinity } = problem.constraints;
  search.steps++;
  return planChain({ model, order, flow, maxDepth, maxNodesPerStage, linkShare }, context.solver, {
    nodeLimit: NODE_LIMIT,
    shouldStop: () => context.shouldStop(),
    ...(context.iterations === Infinity ? { timeLimitSeconds: 1 } : {}),
  });
}

function offerPartition(search: RegionSearch, all: number): void {
  const worth = new Map([...search.chains].map(([set, { flow }]) => [set, flow]));
  const parts = bestPartition(worth, all);
  if (parts.length > 1)
    offerChains(
      search,
      parts.map((set) => search.chains.get(set)!.stages),
    );
}

/** @returns what they carry together. */
function offerChains(search: RegionSearch, chains: readonly (readonly ChainStage[])[]): number {
  const { problem, context, model } = search;
  const placement: (LayerInterval | null)[] = problem.cluster.nodes.map(() => null);
  for (const stages of chains) assignChain(problem.cluster, model, stages, placement);
  return context.offer(placement);
}

function memoryOf(model: NetworkModel, set: number): number {
  return model.memory.reduce((sum, memory, r) => sum + (((set >> r) & 1) === 1 ? memory : 0), 0);
}

function boundOf(model: NetworkModel, set: number): number {
  if (set === 0) return 0;
  return truncatedSum({
    ...model,
    classes: model.classes.filter(({ region }) => ((set >> region) & 1) === 1),
    memory: [memoryOf(model, set)],
  });
}

function bitCount(set: number): number {
  let count = 0;
  for (let rest = set; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
