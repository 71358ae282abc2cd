import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { paceTrials } from "../../../src/serving/served/pace-trials.js";
import { createInlineSimulationCrew } from "../../../src/serving/simulate/inline-simulations.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { clusterOf } from "../simulate/fixtures.js";

const cluster = clusterOf({ layers: 4, nodes: 4, kvTokens: 4000, latencySeconds: 0.01 });
const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
const copies: Placement = cluster.nodes.map((): LayerInterval => [0, 4]);
const chain: Placement = cluster.nodes.map((_, node): LayerInterval => [node, node + 1]);
const window = { warmupSeconds: 40, durationSeconds: 60 };

/** A clock that moves by one second whenever somebody looks at it. */
function createClock(): () => number {
  let seconds = 0;
  return () => (seconds += 1);
}

const pace = (perRun: number) =>
  paceTrials(problem, { ...window, seed: 2 }, createInlineSimulationCrew(createClock()), {
    first: copies,
    perRun,
    left: () => 1000,
  });

test("a run that takes too long ends with figures, and all later ones measure as it did", async () => {
  const paced = await pace(8);
  expect(paced.hurried).toBe(true);
  const { result } = paced.first!.report;
  expect(result.cutShort).toBe(true);
  expect(result.decodeTokensPerSecond).toBeGreaterThan(0);
  expect(result.window.endSeconds).toBeLessThan(100);
  expect(result.requests.arrived).toBeGreaterThan(0);
  const [later] = await paced.trial([chain]);
  expect(later!.report.result.window).toEqual(result.window);
  expect(later!.report.result.cutShort).toBeUndefined();
  // What is measured early is near what a long run measures, and no model's guess.
  const whole = simulatePlacement(cluster, copies, { ...window, seed: 2 }).result;
  const share = result.decodeTokensPerSecond / whole.decodeTokensPerSecond;
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThan(1.5);
});

test("without hurry the window is the one wanted, and no clock changes it", async () => {
  for (const perRun of [1e9, Infinity]) {
    const paced = await pace(perRun);
    expect(paced.hurried).toBe(false);
    const [later] = await paced.trial([copies]);
    expect(later!.report.result).toEqual(paced.first!.report.result);
    expect(later!.report.result.window).toEqual({ startSeconds: 40, endSeconds: 100 });
  }
});

test("a warm start is never lost: the plan serves no less than it does as it is", async () => {
  const shape = { layers: 3, nodes: 4, kvTokens: 600, decodeSeconds: SLOW, promptSeconds: SLOWER };
  const slow = clusterOf(shape);
  const starts: Placement[] = [
    [
      [0, 3],
      [0, 3],
      [0, 3],
      [0, 3],
    ],
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 3],
    ],
    [
      [0, 2],
      [2, 3],
      [0, 1],
      [1, 3],
    ],
  ];
  for (const [at, warmStart] of starts.entries()) {
    const outcome = await plan(
      slow,
      {
        objective: "goodput",
        iterationLimit: 1,
        threads: 0,
        warmStart,
        // Loose limits: throughput alone counts.
        limits: { statistic: "mean", maxTimeToFirstToken: 1e9, maxTimePerOutputToken: 1e9 },
      },
      createInlinePorts(),
    );
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    const served = simulatePlacement(slow, warmStart, {
      seed: 1,
      warmupSeconds: 900,
      durationSeconds: 1500,
    }).result.decodeTokensPerSecond;
    expect(outcome.file.estimate!.decodeThroughput, `start ${at}`).toBeGreaterThanOrEqual(
      served * (1 - 1e-9),
    );
  }
});

/** Seconds by requests and by tokens: few events per simulated second. */
const SLOW = [
  [0, 0],
  [2, 0.5],
  [100, 1],
] as const;
const SLOWER = [
  [0, 0],
  [1000, 20],
] as const;
