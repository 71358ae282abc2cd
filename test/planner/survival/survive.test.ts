import { describe, expect, test } from "vitest";
import { findMostFlow } from "../../../src/check/most-flow.js";
import { machineOf } from "../../../src/core/cluster.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { findWorstLoss } from "../../../src/planner/problem/worst-loss.js";
import {
  UNCONSTRAINED,
  type PlanningProblem,
  type SurvivalRule,
} from "../../../src/planner/problem/problem.js";
import { lossCover } from "../../../src/planner/survival/loss-cover.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { choicesOf, countPlacements, maxFlowOf } from "../../support/brute-force.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { createRecordingContext } from "../../support/search-context.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** Placements looked at per case at most. */
const FEW = 4000;

interface Case {
  readonly problem: PlanningProblem;
  readonly survive: SurvivalRule;
}

function drawCase(seed: number): Case {
  const draw = createDraw(seed + 901);
  const cluster = drawTinyCluster(seed);
  const survive = { losses: draw(5) === 0 ? 2 : 1, floor: [0.1, 0.3, 0.5, 1][draw(4)]! };
  const partialInference = draw(3) > 0;
  return {
    problem: { cluster, partialInference, constraints: { ...UNCONSTRAINED, survive } },
    survive,
  };
}

/** The flow by the code of the re-check, which shares nothing with the planner's. */
function flowOf({ cluster, partialInference }: PlanningProblem, placement: Placement): number {
  const rates = Float64Array.from(placement, (interval, node) =>
    interval === null
      ? 0
      : machineOf(cluster, node).capacity.tokensPerSecond[interval[1] - interval[0] - 1]!,
  );
  return findMostFlow(cluster, placement, rates, partialInference);
}

/** All sets of so many nodes. */
function listSets(nodes: readonly number[], size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return nodes.flatMap((node, at) =>
    listSets(nodes.slice(at + 1), size - 1).map((rest) => [node, ...rest]),
  );
}

/** The least that a loss leaves, by trying all. */
function leastLeft(problem: PlanningProblem, placement: Placement, losses: number): number {
  const sets = listSets([...placement.keys()], Math.min(losses, placement.length));
  const left = sets.map((lost) =>
    flowOf(
      problem,
      placement.map((interval, node) => (lost.includes(node) ? null : interval)),
    ),
  );
  return Math.min(...left);
}

function bestOfAll({ problem, survive }: Case): number {
  const choices = problem.cluster.nodes.map((_, node) => choicesOf(problem, node));
  const current: (LayerInterval | null)[] = choices.map(() => null);
  let best = 0;
  const visit = (node: number): void => {
    if (node < choices.length) {
      for (const interval of choices[node]!) {
        current[node] = interval;
        visit(node + 1);
      }
      return;
    }
    const flow = flowOf(problem, current);
    if (flow <= best) return;
    if (leastLeft(problem, current, survive.losses) >= survive.floor * flow - 1e-6) best = flow;
  };
  visit(0);
  return best;
}

const all = Array.from({ length: 150 }, (_, seed) => seed).filter(
  (seed) => countPlacements(drawCase(seed).problem) <= FEW,
);

test.each(all)("the flow of the re-check is the planner's, cluster %i", (seed) => {
  const { problem } = drawCase(seed);
  const draw = createDraw(seed);
  for (let times = 0; times < 5; times++) {
    const placement = problem.cluster.nodes.map((_, node): LayerInterval | null => {
      const choices = choicesOf(problem, node);
      return choices[draw(choices.length)]!;
    });
    const flow = maxFlowOf(problem.cluster, placement, problem.partialInference);
    expect(flowOf(problem, placement)).toBeCloseTo(flow, 6);
    const { throughput } = findWorstLoss(problem, placement, 1);
    expect(throughput).toBeCloseTo(leastLeft(problem, placement, 1), 6);
  }
});

describe("plans for losses next to every placement there is", () => {
  let [found, impossible] = [0, 0];

  test.each(all.slice(0, 70))("case %i", async (seed) => {
    const { problem, survive } = drawCase(seed);
    const { cluster, constraints, partialInference } = problem;
    const best = bestOfAll({ problem, survive });
    const solver = await loadSolver("highs");
    const accepts = (placement: Placement): boolean => measureThroughput(problem, placement) > 0;
    const context = createRecordingContext(problem, { solver, accepts, upperBound: 1e6 });
    lossCover(problem, context);
    for (const { value } of context.bounds) expect(value).toBeGreaterThanOrEqual(best - 1e-6);
    const outcome = await plan(
      cluster,
      { constraints, partialInference, iterationLimit: 4000, threads: 0, gap: 1e-4 },
      createInlinePorts(),
    );
    if (outcome.kind !== "planned") {
      expect(outcome.kind).toBe("infeasible");
      expect(best).toBe(0);
      impossible += 1;
      return;
    }
    found += 1;
    const { throughput, upperBound, survival } = outcome.file;
    expect(throughput).toBeCloseTo(best, 4);
    expect(upperBound).toBeGreaterThanOrEqual(best - 1e-6);
    const left = leastLeft(problem, outcome.placement, survive.losses);
    expect(left).toBeGreaterThanOrEqual(survive.floor * throughput - 1e-6);
    expect(survival!.worst.throughput).toBeCloseTo(left, 4);
  });

  test("some were found and some proven impossible", () => {
    expect(found).toBeGreaterThan(10);
    expect(impossible).toBeGreaterThan(10);
  });
});
