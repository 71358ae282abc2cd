import { machineOf, type Cluster } from "../../src/core/cluster.js";
import { solveByDinic } from "../../src/math/flow/dinic.js";
import { buildPlacementNetwork } from "../../src/planner/graph/placement-network.js";
import type { LayerInterval, Placement } from "../../src/core/placement.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";

export interface BruteForceOptimum {
  /** Tokens/s; 0 when no placement carries anything. */
  readonly throughput: number;
  readonly placement: Placement;
  /** Placements looked at, dominated ones included. */
  readonly count: number;
}

/** Every choice of one node: empty, or an interval it can hold; only the pin or null where it has one. */
export function choicesOf({ cluster, constraints }: PlanningProblem, node: number): Placement {
  if (constraints.drained.has(node)) return [null];
  const pin = constraints.pins.get(node);
  if (pin !== undefined) return [pin];
  const { layers } = cluster.model;
  const most = Math.min(machineOf(cluster, node).capacity.maxLayers, layers);
  const choices: (LayerInterval | null)[] = [null];
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= Math.min(layers, start + most); end++)
      choices.push([start, end]);
  return choices;
}

/** Number of placements of a problem, constraints on flows aside. */
export function countPlacements(problem: PlanningProblem): number {
  return problem.cluster.nodes.reduce((n, _, node) => n * choicesOf(problem, node).length, 1);
}

/** Every placement of a tiny problem, constraints on flows aside. */
export function listPlacements(problem: PlanningProblem): readonly Placement[] {
  return problem.cluster.nodes.reduce<readonly (readonly (LayerInterval | null)[])[]>(
    (all, _, node) => all.flatMap((some) => choicesOf(problem, node).map((own) => [...some, own])),
    [[]],
  );
}

/** The judge used everywhere: the real max flow of the placement. */
export function maxFlowOf(
  cluster: Cluster,
  placement: Placement,
  partialInference: boolean,
): number {
  return solveByDinic(buildPlacementNetwork(cluster, placement, { partialInference }).network)
    .value;
}

/**
 * The best placement by looking at all of them: no solver, no bound but one that needs no proof
 * (some layer's holders cannot compute more than the best found). `judge` says what a placement is
 * worth; by default its max flow, unless more than maxNodesPerStage nodes hold a layer.
 */
export function bruteForceOptimum(
  problem: PlanningProblem,
  judge: (placement: Placement) => number = (placement) =>
    maxFlowOf(problem.cluster, placement, problem.partialInference),
): BruteForceOptimum {
  const { cluster, constraints } = problem;
  const choices = cluster.nodes.map((_, node) => choicesOf(problem, node));
  const current: (LayerInterval | null)[] = choices.map(() => null);
  let throughput = 0;
  let placement: Placement = choices.map((options) => options[0]!);
  let count = 0;

  function visit(node: number): void {
    if (node < choices.length) {
      for (const interval of choices[node]!) {
        current[node] = interval;
        visit(node + 1);
      }
      return;
    }
    count += 1;
    const held = holdersOf(cluster, current);
    if (held.leastTokens <= throughput) return;
    if (held.mostNodes > (constraints.maxNodesPerStage ?? Infinity)) return;
    const value = judge(current);
    if (value <= throughput) return;
    throughput = value;
    placement = [...current];
  }
  visit(0);
  return { throughput, placement, count };
}

function holdersOf(
  cluster: Cluster,
  placement: Placement,
): { readonly leastTokens: number; readonly mostNodes: number } {
  const { layers } = cluster.model;
  const tokens = new Float64Array(layers);
  const nodes = new Int32Array(layers);
  placement.forEach((interval, node) => {
    if (interval === null) return;
    const [start, end] = interval;
    const rate = machineOf(cluster, node).capacity.tokensPerSecond[end - start - 1] ?? 0;
    for (let layer = start; layer < end; layer++) {
      tokens[layer]! += rate;
      nodes[layer]! += 1;
    }
  });
  return { leastTokens: Math.min(...tokens), mostNodes: Math.max(...nodes) };
}
