import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { fallBack, runChangeJob, type ChangeJob } from "../../../src/planner/change/change-job.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { swapAlike } from "../../../src/planner/change/swap-alike.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { replan } from "../../../src/serving/plan/replan.js";
import { choicesOf, maxFlowOf } from "../../support/brute-force.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

let solver: Solver;
beforeAll(async () => {
  solver = await loadSolver("highs");
});

/** Starts of which one at least carries something, as a job. */
function drawJob(seed: number): ChangeJob | undefined {
  const draw = createDraw(seed + 31);
  const cluster = drawTinyCluster(seed);
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const any = (): Placement =>
    cluster.nodes.map((_, node): LayerInterval | null => {
      const choices = choicesOf(problem, node);
      return choices[draw(choices.length)]!;
    });
  const starts = Array.from({ length: 30 }, any);
  const floor = Math.max(...starts.map((start) => maxFlowOf(cluster, start, true)));
  if (floor === 0) return undefined;
  const rates = cluster.nodes.map(() => 10);
  const shared = { seed: 1, solver: "highs", seconds: Infinity, stepFloor: 0.5 } as const;
  return { problem, held: any(), starts, floor, rates, ...shared };
}

const jobs = Array.from({ length: 40 }, (_, seed) => drawJob(seed)).filter(
  (job) => job !== undefined,
);

test.each(jobs.map((job, at) => [at, job] as const))(
  "job %i, stopped at every moment: the best so far and steps that lead to it",
  (at, job) => {
    const load = countLoadBytes(job.problem.cluster.model, job.held);
    for (const looks of [0, 1, 2, 5, 20, 100 * at]) {
      let polls = 0;
      const told: number[] = [];
      const { least, order } = runChangeJob(job, {
        solver,
        now: () => 0,
        shouldStop: () => ++polls > looks,
        onBetter: ({ placement }) => told.push(load.total(placement)),
      });
      const { cluster } = job.problem;
      expect(maxFlowOf(cluster, least.placement, true)).toBeGreaterThanOrEqual(job.floor - 1e-9);
      expect(load.total(least.placement)).toBeLessThanOrEqual(load.total(fallBack(job).placement));
      expect(load.total(least.placement)).toBe(told.at(-1));
      expect(least.bound).toBeLessThanOrEqual(load.total(least.placement));
      const end = order.steps.at(-1)?.after ?? order.start;
      expect(end).toEqual(least.placement);
    }
  },
);

test.each(jobs.map((job, at) => [at, job] as const))(
  "alike nodes swap in job %i: no more bytes, the same flow",
  (_, { problem, held, starts }) => {
    const { cluster } = problem;
    const load = countLoadBytes(cluster.model, held);
    for (const start of starts) {
      const swapped = swapAlike(problem, load, start);
      expect(load.total(swapped)).toBeLessThanOrEqual(load.total(start));
      expect(maxFlowOf(cluster, swapped, true)).toBeCloseTo(maxFlowOf(cluster, start, true), 6);
    }
  },
);

const home = (): Cluster =>
  loadCluster("home-lab", readFileSync("clusters/home-lab.json", "utf8")).cluster;

test("a front: less is loaded and proven the less is asked for", async () => {
  const cluster = home();
  const held = cluster.nodes.map((): LayerInterval | null => null);
  const options = { iterationLimit: 1, threads: 0, engine: "helix", front: true } as const;
  const outcome = await replan(cluster, held, options, createInlinePorts());
  if (outcome.kind !== "replanned") throw new Error(outcome.kind);
  const { front = [], best, bytes } = outcome.report;
  expect(front.length).toBeGreaterThan(5);
  front.forEach(({ within, throughput, bytes: loaded, bytesBound }, at) => {
    expect(throughput).toBeGreaterThanOrEqual((1 - within) * best - 1e-9);
    expect(bytesBound).toBeLessThanOrEqual(loaded);
    if (at === 0) return;
    expect(loaded).toBeLessThanOrEqual(front[at - 1]!.bytes);
    expect(bytesBound).toBeLessThanOrEqual(front[at - 1]!.bytesBound);
  });
  expect(front.find(({ within }) => within === 0.02)!.bytes).toBe(bytes);
}, 120_000);

test("a placement planned for what it serves is changed by what it serves", async () => {
  const cluster = home();
  const held = cluster.nodes.map((): LayerInterval | null => null);
  const options = { iterationLimit: 1, threads: 0, engine: "vllm", objective: "served" } as const;
  const outcome = await replan(cluster, held, options, createInlinePorts());
  if (outcome.kind !== "replanned") throw new Error(outcome.kind);
  const { measure, choices, floor, bytes } = outcome.report;
  expect(measure).toBe("served");
  expect(outcome.file.served!.decodeTokensPerSecond).toBeGreaterThanOrEqual(floor);
  for (const { keepsFloor, served, bytes: loaded } of choices) {
    expect(keepsFloor).toBe(served! >= floor);
    if (keepsFloor) expect(bytes).toBeLessThanOrEqual(loaded);
  }
}, 120_000);
