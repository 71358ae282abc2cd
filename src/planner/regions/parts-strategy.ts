import type { Placement } from "../../core/placement.js";
import { truncatedSumBound } from "../coverings/compute-bounds.js";
import { detectRegions } from "../graph/region-detection.js";
import { layNodes } from "../problem/chain.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { Strategy } from "../problem/strategy.js";
import { findMismatch, type StrategyNeeds } from "../problem/strategy-needs.js";
import { keepToNodes, viewPart, type PartView } from "../views/keep-to-nodes.js";
import { lookThrough } from "../views/problem-view.js";

interface StrategyRow {
  readonly run: Strategy;
  readonly needs: StrategyNeeds;
}

/** Regions told apart at most. */
const MOST_REGIONS = 12;

/**
 * Every region that holds the model serves it by itself, as well as the models of one region can:
 * nothing crosses the thin links between them. The first model for all regions first. The union is offered
 * whenever a part got better. One step of the budget is one model for one region.
 * @param models quick ones first.
 */
export const partsOf =
  (models: readonly StrategyRow[]): Strategy =>
  (problem, context) => {
    const parts: readonly PartView[] = listParts(problem).map(({ part, bound }) =>
      viewPart(part, bound, () => context.offer(unite(problem, parts))),
    );
    if (parts.length < 2) return;
    let steps = 0;
    const counted = context.iterations === Infinity ? context : { ...context, iterations: 1 };
    for (const { run, needs } of models) {
      for (const part of parts) {
        if (context.shouldStop() || steps++ >= context.iterations) return;
        if (findMismatch(needs, part.problem) === undefined) lookThrough(part, run, counted);
      }
    }
  };

/** Regions that hold the model, with what each carries at most. */
function listParts(
  problem: PlanningProblem,
): readonly { readonly part: PlanningProblem; readonly bound: number }[] {
  const { cluster } = problem;
  const most = ({ constraints }: PlanningProblem): number =>
    truncatedSumBound(groupMachines(cluster, constraints), cluster.model.layers);
  const { members } = detectRegions(cluster, {
    maxRegions: MOST_REGIONS,
    flowBound: most(problem),
  });
  return members
    .map((nodes) => keepToNodes(problem, nodes))
    .map((part) => ({ part, bound: most(part) }))
    .filter(({ bound }) => bound > 0);
}

/** All parts' best placements in one. */
function unite(problem: PlanningProblem, parts: readonly PartView[]): Placement {
  return layNodes(
    problem,
    parts.flatMap((part) =>
      (part.best()?.placement ?? []).flatMap((interval, node) =>
        interval === null ? [] : [[node, interval] as const],
      ),
    ),
  );
}
