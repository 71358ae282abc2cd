import { machineOf, type Cluster } from "../../core/cluster.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";
import { lookThrough, type ProblemView } from "./problem-view.js";

/** Nodes from which a type-level model looks at a sample of the cluster rather than at all of it. */
const MANY_NODES = 1000;

/** The model for clusters of any size: large ones are looked at through {@link sampleNodes}. */
export function sampleLarge(model: Strategy): Strategy {
  return (problem, context) => {
    const { cluster, constraints } = problem;
    const copies = Math.floor((cluster.nodes.length - constraints.drained.size) / (MANY_NODES / 2));
    if (copies < 3) model(problem, context);
    else if ((constraints.maxNodesPerStage ?? Infinity) >= copies)
      lookThrough(sampleNodes(problem, copies), model, context);
  };
}

/**
 * One of `copies` equal parts of every class, whose placement is laid so many times side by side; nodes
 * left over go where least is carried. Loses at most copies − 1 nodes per class before that.
 * Placements only: bounds of the sample say nothing of the whole.
 */
function sampleNodes(problem: PlanningProblem, copies: number): ProblemView {
  const { cluster, constraints } = problem;
  const { maxNodesPerStage } = constraints;
  const sample = sampleClasses(problem, copies);
  return {
    problem: {
      ...problem,
      cluster: {
        ...cluster,
        nodes: sample.map((members) => cluster.nodes[members[0]!]!),
        network: { ...cluster.network, exceptions: new Map() },
      },
      constraints: {
        ...constraints,
        ...(maxNodesPerStage === undefined
          ? {}
          : { maxNodesPerStage: Math.floor(maxNodesPerStage / copies) }),
        pins: new Map(),
        drained: new Set(),
      },
    },
    contextOf: (whole) => ({
      ...whole,
      incumbent: () => undefined,
      upperBound: () => Infinity,
      offerBound: () => undefined,
      offer: (placement) => whole.offer(spread(problem, sample, placement)) / copies,
    }),
  };
}

/** Groups of `copies` equal nodes. */
function sampleClasses(
  { cluster, constraints }: PlanningProblem,
  copies: number,
): readonly (readonly number[])[] {
  return groupMachines(cluster, constraints)
    .filter(({ pin }) => pin === undefined)
    .flatMap(({ nodes }) =>
      Array.from({ length: Math.floor(nodes.length / copies) }, (_, group) =>
        nodes.slice(group * copies, (group + 1) * copies),
      ),
    );
}

function spread(
  { cluster, constraints }: PlanningProblem,
  sample: readonly (readonly number[])[],
  placement: Placement,
): Placement {
  const intervals: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  sample.forEach((members, group) => {
    for (const node of members) intervals[node] = placement[group]!;
  });
  for (const [node, pin] of constraints.pins) intervals[node] = pin;
  if (constraints.chainsOnly !== true && constraints.maxNodesPerStage === undefined)
    fillWeakest(cluster, constraints.drained, intervals);
  return intervals;
}

/** Gives every empty node the single layer that least is carried through. O(empty nodes · L). */
function fillWeakest(
  cluster: Cluster,
  drained: ReadonlySet<number>,
  intervals: (LayerInterval | null)[],
): void {
  const rateOf = (node: number, layers: number): number =>
    machineOf(cluster, node).capacity.tokensPerSecond[layers - 1] ?? 0;
  const carried = new Float64Array(cluster.model.layers);
  const add = (node: number, [start, end]: LayerInterval): void => {
    for (let layer = start; layer < end; layer++) carried[layer]! += rateOf(node, end - start);
  };
  intervals.forEach((interval, node) => {
    if (interval !== null) add(node, interval);
  });
  intervals.forEach((interval, node) => {
    if (interval !== null || drained.has(node) || rateOf(node, 1) === 0) return;
    const weakest = carried.indexOf(carried.reduce((least, rate) => Math.min(least, rate)));
    const single: LayerInterval = [weakest, weakest + 1];
    intervals[node] = single;
    add(node, single);
  });
}
