import { expect, test } from "vitest";
import { BASELINES, placeBaseline } from "../../../src/planner/starts/baselines.js";
import { createInlineCrew } from "../../../src/planner/portfolio/inline-crew.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import type { Crew, SearchPorts } from "../../../src/planner/portfolio/search.js";
import type { Placement } from "../../../src/core/placement.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../../src/planner/problem/problem.js";
import { listPhases } from "../../../src/planner/portfolio/schedule.js";
import { chooseSchedule } from "../../../src/planner/portfolio/choose-schedule.js";
import { mostOf, type StrategyChoice } from "../../../src/planner/portfolio/strategies.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { randomProblem } from "../../support/random-problem.js";

interface Found {
  readonly throughput: number;
  readonly upperBound: number;
  readonly placement: Placement | undefined;
}

const draw = (seed: number, nodes: readonly [least: number, most: number]): PlanningProblem =>
  randomProblem(seed, { nodes, layers: [3, 8], regions: 3, missing: 0.05 });

async function find(
  problem: PlanningProblem,
  options: PlanOptions,
  ports = createInlinePorts(),
): Promise<Found> {
  const { cluster, partialInference, constraints } = problem;
  const outcome = await plan(
    cluster,
    { partialInference, constraints, threads: 0, gap: 0, ...options },
    ports,
  );
  if (outcome.kind === "planned") {
    const { throughput, upperBound } = outcome.file;
    return { throughput, upperBound, placement: outcome.placement };
  }
  const upperBound = outcome.kind === "infeasible" ? 0 : Infinity;
  return { throughput: 0, upperBound, placement: undefined };
}

/** No worse, up to the rounding of the flow printed. */
function expectNoWorse(later: Found, earlier: Found): void {
  expect(later.throughput).toBeGreaterThanOrEqual(earlier.throughput * (1 - 1e-12));
  expect(later.upperBound).toBeLessThanOrEqual(
    Math.max(earlier.upperBound, later.throughput) * (1 + 1e-12),
  );
}

/** Strategies that find more with more steps, each with limits that show it. */
const LIMITS: readonly (readonly [StrategyChoice, readonly number[]])[] = [
  ["local-search", [1, 3, 16, 100, 256, 1024]],
  ["regions", [1, 2, 7]],
];

test("more steps never give a worse placement or bound, nor does a start from any result", async () => {
  const improved = new Set<StrategyChoice>();
  for (const [strategy, limits] of LIMITS) {
    for (let seed = 100; seed < 103; seed++) {
      const problem = draw(seed, [2, 8]);
      const found: Found[] = [];
      for (const iterationLimit of limits)
        found.push(await find(problem, { strategy, iterationLimit }));
      found.slice(1).forEach((later, index) => expectNoWorse(later, found[index]!));
      if (found.at(-1)!.throughput > found[0]!.throughput) improved.add(strategy);
      for (const { placement, throughput } of found) {
        if (placement === undefined) continue;
        const warm = await find(problem, { strategy, iterationLimit: 1, warmStart: placement });
        expect(warm.throughput).toBeGreaterThanOrEqual(throughput * (1 - 1e-12));
      }
    }
  }
  expect([...improved]).toEqual(LIMITS.map(([strategy]) => strategy));
});

test("all strategies together are never worse with more steps either", async () => {
  for (let seed = 130; seed < 133; seed++) {
    const problem = draw(seed, [2, 4]);
    const found: Found[] = [];
    for (const iterationLimit of [1, 2, 4])
      found.push(await find(problem, { iterationLimit, solver: "glpk" }));
    found.slice(1).forEach((later, index) => expectNoWorse(later, found[index]!));
  }
});

/** A clock on which every look takes a millisecond: the same looks, the same times. */
function countingClock(): () => number {
  let looks = 0;
  return () => looks++ / 1000;
}

test("more seconds only add to what is done", async () => {
  let improved = 0;
  for (let seed = 200; seed < 202; seed++) {
    const problem = draw(seed, [2, 6]);
    const found: Found[] = [];
    for (const timeLimitSeconds of [0.01, 0.1, 0.3]) {
      const ports = { ...createInlinePorts(), now: countingClock() };
      found.push(await find(problem, { timeLimitSeconds }, ports));
    }
    found.slice(1).forEach((later, index) => expectNoWorse(later, found[index]!));
    if (found.at(-1)!.throughput > found[0]!.throughput) improved += 1;
  }
  expect(improved).toBeGreaterThan(0);
});

test("no baseline is better, however early the gap asked for is reached", async () => {
  let compared = 0;
  for (let seed = 300; seed < 330; seed++) {
    const problem = draw(seed, [2, 8]);
    const ports = { ...createInlinePorts(), now: countingClock() };
    const { throughput } = await find(problem, { gap: 0.99, timeLimitSeconds: 0.5 }, ports);
    for (const { name, needsPartialInference } of BASELINES) {
      if (needsPartialInference && !problem.partialInference) continue;
      const outcome = placeBaseline(problem.cluster, name, 1);
      if (outcome.kind !== "placement") continue;
      compared += 1;
      const known = measureThroughput(problem, outcome.placement);
      expect(throughput).toBeGreaterThanOrEqual(known * (1 - 1e-12));
    }
  }
  expect(compared).toBeGreaterThan(50);
});

test("the gap ends no search while starts still run in another thread", async () => {
  const solver = await loadSolver("highs");
  const problem = draw(303, [4, 8]);
  const done: string[] = [];
  const startWorkers: SearchPorts["startWorkers"] = async (_, board) => {
    const inline = createInlineCrew(problem, board, solver, {
      now: () => 0,
      deadline: Infinity,
      breathe: async () => undefined,
    });
    const run: Crew["run"] = async (task, isolated, onEvent) => {
      // The others go on meanwhile, and reach the gap.
      for (let tick = 0; tick < 12 && task.strategy === "baselines"; tick++)
        await Promise.resolve();
      const cut = await inline.run(task, isolated, onEvent);
      done.push(task.strategy);
      return cut;
    };
    return { ...inline, size: 2, run };
  };
  const ports = { ...createInlinePorts(), startWorkers };
  expect((await find(problem, { gap: 0.99, threads: 2 }, ports)).throughput).toBeGreaterThan(0);
  expect(done).toContain("baselines");
  expect(done.length).toBeGreaterThan(2);
});

test("the phases of a small limit are the first ones of every larger limit", () => {
  const schedule = chooseSchedule(draw(1, [4, 8]), "portfolio");
  const phases = (limit: number): ReturnType<typeof listPhases> =>
    listPhases(schedule, 7, limit, mostOf);
  let before = phases(1);
  expect(before[0]!.map(({ strategy }) => strategy)).toEqual([
    ...schedule.starts,
    ...schedule.models,
  ]);
  for (let limit = 2; limit <= 40; limit++) {
    const now = phases(limit);
    expect(now.slice(0, before.length)).toEqual(before);
    const grows = (limit & (limit - 1)) === 0;
    expect(now.length > before.length).toBe(grows);
    before = now;
  }
});
