import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { paceTrials } from "../../../src/serving/served/pace-trials.js";
import { createInlineSimulationCrew } from "../../../src/serving/simulate/inline-simulations.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
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

test("a trial that cannot end in the time left does not begin, but for the first where nothing was tried", async () => {
  const late = (spare: boolean) =>
    paceTrials(problem, { ...window, seed: 2 }, createInlineSimulationCrew(createClock()), {
      first: copies,
      perRun: 8,
      left: () => 0.5,
      spare,
    });
  const first = await late(false);
  expect(first.first!.report.result.decodeTokensPerSecond).toBeGreaterThan(0);
  expect(await first.trial([chain])).toEqual([]);
  expect((await late(true)).first).toBeUndefined();
});
