import { nodeId } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import { onTheWay, type PlanningProblem } from "../problem/problem.js";

/** What is left at once when something is lost: new routes, no layer loaded. */
export interface Loss {
  readonly kind: "node" | "region";
  readonly name: string;
  /** Nodes with layers that are lost. */
  readonly nodes: number;
  /** Tokens/s through what is left. */
  readonly throughput: number;
  /** Layers that nobody holds any more. */
  readonly uncovered: number;
}

/**
 * Each node that holds layers lost alone, and each region with all of its nodes (the coordinator stays). Worst
 * first. One max flow per loss. With limits on depth or chains the flows are found by a heuristic, as everywhere.
 */
export function listLosses(problem: PlanningProblem, placement: Placement): readonly Loss[] {
  const { cluster } = problem;
  const rest = onTheWay(problem);
  const holders = [...placement.keys()].filter((node) => placement[node] !== null);
  const lose = (kind: Loss["kind"], name: string, lost: readonly number[]): Loss => {
    const left = placement.map((interval, node) => (lost.includes(node) ? null : interval));
    return {
      kind,
      name,
      nodes: lost.length,
      throughput: measureThroughput(rest, left),
      uncovered: countUncovered(cluster.model.layers, left),
    };
  };
  const nodes = holders.map((node) => lose("node", nodeId(cluster, node), [node]));
  const regions = cluster.regions.flatMap((name, region) => {
    const lost = holders.filter((node) => cluster.nodes[node]!.region === region);
    return lost.length === 0 ? [] : [lose("region", name, lost)];
  });
  const worstFirst = (a: Loss, b: Loss): number => a.throughput - b.throughput;
  return [...regions.sort(worstFirst), ...nodes.sort(worstFirst)];
}

function countUncovered(layers: number, placement: Placement): number {
  const held = new Set<number>();
  for (const interval of placement)
    for (let layer = interval?.[0] ?? 0; layer < (interval?.[1] ?? 0); layer++) held.add(layer);
  return layers - held.size;
}
