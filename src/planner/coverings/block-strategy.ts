import { OUTWARD } from "./compute-bounds.js";
import {
  configurationBound,
  createCoverPool,
  listLayerItems,
  type CoverPool,
} from "./configuration-lp.js";
import { chooseBlocks } from "./choose-blocks.js";
import { buildCoverGraph, type PricedItem } from "./cover-graph.js";
import { listBlocks, type CoverBlock } from "./list-blocks.js";
import { groupMachines, type MachineClass } from "../problem/machine-classes.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { limitPolls, roundsFor } from "../problem/limit-polls.js";
import { sampleLarge } from "../views/sample-nodes.js";
import { layNodes } from "../problem/chain.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";

/**
 * Exact covering by enumeration of what little a good placement can waste.
 *
 * The configuration LP of a flow F prices nodes so that a covering of a layer costs at least 1; a
 * placement that reaches F wastes at most Σ N·y − L. Near the bound that is next to nothing, so all
 * blocks of unaligned intervals within that waste can be listed, and a small MILP over them either
 * covers the model (a placement that no aligned model has) or refutes F (a bound beyond the LP's).
 */
export const blockStrategy: Strategy = sampleLarge((problem, context) => {
  const { cluster, constraints } = problem;
  const { layers } = cluster.model;
  const classes = groupMachines(cluster, constraints);
  const shouldStop = (): boolean => context.shouldStop();
  const free = constraints.pins.size === 0 && constraints.maxNodesPerStage === undefined;
  const served = classes.filter(({ pin, options }) => pin === undefined && options.length > 0);
  if (served.length === 0) return;
  const rounds = limitPolls(shouldStop, 2 * roundsFor(context.iterations));
  const pool = createCoverPool(served, layers, context.solver, { shouldStop: rounds });
  const top = configurationBound(served, layers, context.solver, {
    feasible: context.incumbent()?.throughput ?? 0,
    shouldStop,
    mostRounds: roundsFor(context.iterations),
  });
  if (free) context.offerBound(top, "configuration LP");
  let ceiling = top;
  let reached = context.incumbent()?.throughput ?? 0;
  let proving = free;
  let found = false;
  let stride = FIRST_STRIDE;
  for (let round = 0; round < Math.min(context.iterations, MOST_ROUNDS); round++) {
    if (shouldStop() || ceiling - reached <= PRECISION * ceiling) return;
    const middle = (reached + ceiling) / 2;
    const flow = found ? middle : Math.max(ceiling * (1 - stride), middle);
    const outcome = attempt(problem, context, served, pool, flow);
    if (typeof outcome === "number") {
      found = true;
      reached = Math.max(flow, outcome);
      continue;
    }
    ceiling = flow;
    stride *= 2;
    proving &&= outcome === "refuted";
    if (proving) context.offerBound(flow * (1 + OUTWARD), "block enumeration");
  }
});

const FIRST_STRIDE = 2e-5;
const MOST_ROUNDS = 80;
const PRECISION = 2e-6;
const WORK_LIMIT = 4_000_000;
const STATE_LIMIT = 200_000;
/** Waste that listing starts with, as a share of all the flow leaves. */
const FIRST_SHARE = 1 / 32;
/** Blocks the MILP is given at most; the least wasteful ones. */
const MOST_BLOCKS = 2000;
const NODE_LIMIT = 1000;

/** The rate reached if a placement of at least this flow is found, or what is known instead. */
function attempt(
  problem: PlanningProblem,
  context: SearchContext,
  classes: readonly MachineClass[],
  pool: CoverPool,
  flow: number,
): number | "refuted" | "unknown" {
  const { layers } = problem.cluster.model;
  const relaxation = pool.relax(flow);
  if (relaxation === undefined) return "unknown";
  const slack = relaxation.layersBound - layers;
  if (slack < -layers * OUTWARD) return "refuted";
  const items: readonly PricedItem[] = listLayerItems(classes).map((item) => ({
    ...item,
    price: relaxation.prices[item.machineClass]! / item.layers,
  }));
  const supplies = classes.map(({ nodes }) => nodes.length);
  const shouldStop = (): boolean => context.shouldStop();
  for (let share = FIRST_SHARE; share <= 1; share *= 2) {
    const budget = slack * share + layers * 1e-7;
    const graph = buildCoverGraph(items, flow * (1 - OUTWARD), budget, WORK_LIMIT, shouldStop);
    const limits = { supplies, layers, budget, stateLimit: STATE_LIMIT, shouldStop };
    const listed = listBlocks(graph, items, { ...limits, endings: true });
    if (shouldStop()) return "unknown";
    const blocks = listed.blocks.toSorted((a, b) => a.waste - b.waste).slice(0, MOST_BLOCKS);
    const choice = chooseBlocks(blocks, context.solver, {
      supplies,
      layers,
      nodeLimit: NODE_LIMIT,
      seed: context.seed,
      shouldStop,
    });
    if (choice.blocks !== undefined) {
      context.offer(layBlocks(problem, classes, items, choice.blocks));
      return leastRate(items, layers, choice.blocks);
    }
    if (!listed.complete || blocks.length < listed.blocks.length) return "unknown";
    if (share === 1 && choice.refuted) return "refuted";
  }
  return "unknown";
}

/** Names the nodes of blocks laid end to end; intervals past the model's end are moved back to it. */
function layBlocks(
  problem: PlanningProblem,
  classes: readonly MachineClass[],
  items: readonly PricedItem[],
  blocks: readonly CoverBlock[],
): Placement {
  const { layers } = problem.cluster.model;
  const intervals: [number, LayerInterval][] = [];
  const handedOut = new Int32Array(classes.length);
  eachInterval(items, blocks, (machineClass, start, held) => {
    const begin = Math.min(start, layers - held);
    const node = classes[machineClass]!.nodes[handedOut[machineClass]!++]!;
    intervals.push([node, [begin, begin + held]]);
  });
  return layNodes(problem, intervals);
}

/** Least Σ rate over any layer. */
function leastRate(
  items: readonly PricedItem[],
  layers: number,
  blocks: readonly CoverBlock[],
): number {
  const rates = new Float64Array(layers);
  eachInterval(items, blocks, (_, start, held, rate) => {
    for (let l = start; l < Math.min(layers, start + held); l++) rates[l]! += rate;
  });
  return rates.reduce((least, rate) => Math.min(least, rate), Infinity);
}

function eachInterval(
  items: readonly PricedItem[],
  blocks: readonly CoverBlock[],
  visit: (machineClass: number, start: number, held: number, rate: number) => void,
): void {
  let border = 0;
  for (const block of blocks) {
    for (const [item, start] of block.intervals()) {
      const { machineClass, layers, rate } = items[item]!;
      visit(machineClass, border + start, layers, rate);
    }
    border += block.layers;
  }
}
