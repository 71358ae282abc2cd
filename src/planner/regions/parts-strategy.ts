import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { groupMachines } from "../problem/machine-classes.js";
import { detectRegions } from "../graph/region-detection.js";
import type { LayerInterval, Placement } from "../../core/placement.js";
import { blockStrategy } from "../coverings/block-strategy.js";
import { measureThroughput } from "../problem/measure-throughput.js";
import { meshStrategy } from "./mesh-strategy.js";
import type { PlanningProblem } from "../problem/problem.js";
import { compositeStrategy, stageStrategy } from "../coverings/stage-strategy.js";
import type { Incumbent, SearchContext, Strategy } from "../problem/strategy.js";

/** Regions told apart at most. */
const MOST_REGIONS = 12;

interface Part {
  readonly problem: PlanningProblem;
  best: Incumbent | undefined;
  bound: number;
}

/**
 * Every region that holds the model serves it by itself, as well as the models of one region can:
 * nothing crosses the thin links between them. Quick models for all regions first. The union is offered
 * whenever a part got better. One step of the budget is one model for one region.
 */
export const partsStrategy: Strategy = (problem, context) => {
  const parts = formParts(problem);
  if (parts.length < 2 || problem.constraints.maxNodesPerStage !== undefined) return;
  let steps = 0;
  for (const model of [stageStrategy, meshStrategy, blockStrategy, compositeStrategy]) {
    for (const part of parts) {
      if (context.shouldStop() || steps++ >= context.iterations) return;
      model(
        part.problem,
        contextOf(part, context, () => context.offer(unite(problem, parts))),
      );
    }
  }
};

function formParts(problem: PlanningProblem): readonly Part[] {
  const { cluster, constraints } = problem;
  const flowBound = truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  const { members } = detectRegions(cluster, { maxRegions: MOST_REGIONS, flowBound });
  return members.flatMap((nodes) => {
    const inside = new Set(nodes);
    const outside = cluster.nodes.map((_, node) => node).filter((node) => !inside.has(node));
    const drained = new Set([...constraints.drained, ...outside]);
    const pins = new Map([...constraints.pins].filter(([node]) => inside.has(node)));
    const bound = truncatedSumBound(
      groupMachines(cluster, { pins, drained }),
      cluster.model.layers,
    );
    if (bound === 0) return [];
    const part = { ...problem, constraints: { ...constraints, pins, drained } };
    return [{ problem: part, best: undefined, bound }];
  });
}

/** The search of one part: knows only its own placements and bounds. */
function contextOf(part: Part, context: SearchContext, onBetter: () => void): SearchContext {
  return {
    ...context,
    iterations: context.iterations === Infinity ? Infinity : 1,
    incumbent: () => part.best,
    upperBound: () => part.bound,
    offerBound: (value) => {
      part.bound = Math.min(part.bound, value);
    },
    offer: (placement) => {
      const throughput = measureThroughput(part.problem, placement);
      if (throughput > (part.best?.throughput ?? 0)) {
        part.best = { placement, throughput };
        onBetter();
      }
      return throughput;
    },
  };
}

function unite({ cluster, constraints }: PlanningProblem, parts: readonly Part[]): Placement {
  const intervals: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  for (const { best } of parts)
    best?.placement.forEach((interval, node) => {
      if (interval !== null) intervals[node] = interval;
    });
  for (const [node, pin] of constraints.pins) intervals[node] = pin;
  return intervals;
}
