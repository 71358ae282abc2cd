/** Placements of many kinds on clusters of many kinds: what the goodput model is calibrated and judged on. */
import { placeBaseline } from "../src/planner/starts/baselines.js";
import type { Cluster } from "../src/core/cluster.js";
import { sweep } from "../src/serving/served/candidates.js";
import type { Solver } from "../src/math/lp/solver.js";
import type { LayerInterval, Placement } from "../src/core/placement.js";
import { createRandom } from "../src/core/random.js";
import { createLocalEvaluator } from "../src/planner/local/local-evaluator.js";
import { createLocalMoves } from "../src/planner/local/local-moves.js";
import { measureThroughput } from "../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED, type PlanningProblem } from "../src/planner/problem/problem.js";
import { distributed24, paper42, randomMix, single24 } from "./goodput-clusters.js";
import { publishedPlacement } from "./reference.js";

export interface PooledPlacement {
  readonly cluster: Cluster;
  readonly name: string;
  readonly placement: Placement;
}

const MIXES = [4, 5, 6, 7];

export function poolClusters(): readonly Cluster[] {
  return [single24(), distributed24(), paper42(), ...MIXES.map(randomMix)];
}

/** Published, baselines, the best stages of several depths, and random changes of those. */
export function poolOf(cluster: Cluster, solver: Solver): readonly PooledPlacement[] {
  const problem: PlanningProblem = {
    cluster,
    partialInference: true,
    constraints: UNCONSTRAINED,
  };
  const found = new Map<string, PooledPlacement>();
  const add = (name: string, placement: Placement): void => {
    const key = JSON.stringify(placement);
    if (!found.has(key) && measureThroughput(problem, placement) > 0)
      found.set(key, { cluster, name, placement });
  };
  if (cluster.name.startsWith("helix")) add("published", publishedPlacement(cluster));
  for (const [name, seed] of [
    ["swarm", 1],
    ["petals", 1],
    ["petals", 2],
    ["separate-plus", 1],
  ] as const) {
    const outcome = placeBaseline(cluster, name, seed);
    if (outcome.kind === "placement") add(`${name} ${seed}`, outcome.placement);
  }
  const context = { solver, seed: 1, shouldStop: () => false };
  const all = cluster.nodes.map((_, node) => node);
  const sweeps: Placement[] = [];
  for (const deeper of [1, 3, 7]) {
    const best = sweep(problem, all, deeper, context).at(-1);
    if (best === undefined) continue;
    sweeps.push(best);
    add(`stages +${deeper}`, best);
  }
  sweeps.forEach((placement, at) => {
    for (const changes of [3, 10])
      add(`changed ${at}/${changes}`, shaken(problem, placement, changes, at + 1));
  });
  return [...found.values()];
}

function shaken(
  problem: PlanningProblem,
  placement: Placement,
  changes: number,
  seed: number,
): Placement {
  const evaluator = createLocalEvaluator(problem);
  evaluator.load(placement);
  const moves = createLocalMoves({
    evaluator,
    movable: placement.map((_, node) => node),
    classes: Int32Array.from(problem.cluster.nodes, (node) => node.machine),
    random: createRandom(seed),
  });
  const floor = measureThroughput(problem, placement) / 2;
  for (let done = 0, tries = 0; done < changes && tries < 400; tries += 1) {
    if (!moves.propose(floor)) continue;
    if (evaluator.flow() < floor) moves.undo();
    else done += 1;
  }
  return evaluator.read().map((interval): LayerInterval | null => interval);
}
