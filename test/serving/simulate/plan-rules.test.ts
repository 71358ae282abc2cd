import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../../src/core/cluster.js";
import type { Placement } from "../../../src/core/placement.js";
import { HELIX } from "../../../src/engines/helix/helix.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import {
  simulatePlacement,
  type SimulateOptions,
} from "../../../src/serving/simulate/simulate-placement.js";
import { clusterOf } from "./fixtures.js";

const SHORT: SimulateOptions = { warmupSeconds: 10, durationSeconds: 20 };
/** Seconds by requests: few batches, so that many copies are quickly simulated. */
const SLOW = [
  [0, 0],
  [2, 0.02],
  [100, 0.2],
] as const;

describe("equal copies of a model", () => {
  const run = (copies: number, options: SimulateOptions = {}) => {
    const cluster = clusterOf({ layers: 4, nodes: copies, kvTokens: 1000, decodeSeconds: SLOW });
    const placement: Placement = cluster.nodes.map(() => [0, 4]);
    return simulatePlacement(cluster, placement, { ...SHORT, ...options }).result;
  };
  const serve = (copies: number, options: SimulateOptions = {}): number =>
    run(copies, options).decodeTokensPerSecond;

  test("serve in proportion to their number, however small each one's share of the flow", () => {
    const long = { ...SHORT, durationSeconds: 100 };
    const one = serve(1, long);
    expect(one).toBeGreaterThan(0);
    for (const copies of [2, 20, 21, 100]) {
      const share = serve(copies, long) / (copies * one);
      expect(share, `${copies} copies`).toBeGreaterThan(0.9);
      expect(share, `${copies} copies`).toBeLessThan(1.1);
    }
  });

  test("serve requests as they come, though those that need less room would find it sooner", () => {
    const { requests, promptTokensPerSecond, decodeTokensPerSecond } = run(20, {
      durationSeconds: 200,
    });
    expect(requests.refusals).toBeGreaterThan(requests.finished / 4);
    // The workload's own: 100 to 10.
    expect(promptTokensPerSecond / decodeTokensPerSecond / 10).toBeCloseTo(1, 1.3);
  });

  test("leave out what an empty cluster has no room for, and let nobody wait for it", () => {
    // 85 % of 1,500 tokens less 232 of an output: prompts of more than 1,042 never fit.
    const workload = "azure-conversation";
    const cluster = clusterOf({ layers: 4, nodes: 2, kvTokens: 1500 });
    const { requests, ...served } = simulatePlacement(
      cluster,
      [
        [0, 4],
        [0, 4],
      ],
      {
        ...SHORT,
        durationSeconds: 1000,
        workload,
      },
    ).result;
    expect(requests.finished).toBeGreaterThan(100);
    expect(served.promptTokensPerSecond / served.decodeTokensPerSecond).toBeLessThan(3);
  });

  test("are all masked from the 21st on by the paper's rule, which can be asked for", () => {
    const { leastFlowShare } = HELIX;
    expect(serve(19, { leastFlowShare })).toBeGreaterThan(0);
    expect(serve(21, { leastFlowShare })).toBe(0);
  });
});

test("memory of nodes that no link leads to lets no more requests in", () => {
  const cluster = clusterOf({ layers: 4, nodes: 2, kvTokens: 1000, decodeSeconds: SLOW });
  const links = [
    { from: COORDINATOR, to: 0, flow: 100 },
    { from: 0, to: COORDINATOR, flow: 100 },
  ].map((link) => ({ ...link, capacity: 100 }));
  const inFlight = (idle: Placement[number]): number =>
    simulatePlacement(cluster, [[0, 4], idle], { ...SHORT, links }).result.meanInFlight;
  expect(inFlight(null)).toBeGreaterThan(1);
  expect(inFlight([0, 4])).toBe(inFlight(null));
});

describe("what a plan was made under holds for its requests", () => {
  // Two nodes hold everything, two more the halves: legal links lead from each half to the other parts.
  const cluster = clusterOf({ layers: 4, nodes: 4, kvTokens: 4000 });
  const placement: Placement = [
    [0, 4],
    [0, 4],
    [0, 2],
    [2, 4],
  ];
  const run = (constraints: SimulateOptions["constraints"]) =>
    simulatePlacement(cluster, placement, {
      ...SHORT,
      ...(constraints === undefined ? {} : { constraints }),
    });

  test("depth", () => {
    expect(run(undefined).result.meanStages).toBeGreaterThan(1);
    const { result, flow } = run({ ...UNCONSTRAINED, maxDepth: 1 });
    expect(result.meanStages).toBe(1);
    expect(flow).toBeCloseTo(500, 6);
  });

  test("chains: no request leaves one for another", () => {
    const { result } = run({ ...UNCONSTRAINED, chainsOnly: true });
    expect(result.nodes.filter(({ busy }) => busy > 0)).toHaveLength(4);
    expect(result.meanStages).toBeGreaterThan(1);
    expect(result.meanStages).toBeLessThan(2);
  });

  test("drained nodes serve nobody", () => {
    const { result } = run({ ...UNCONSTRAINED, drained: new Set([0, 3]) });
    const busy = result.nodes.map(({ node, busy: share }) => [node, share > 0]);
    expect(Object.fromEntries(busy)).toMatchObject({ 1: true });
    for (const node of [0, 2, 3]) expect(Object.fromEntries(busy)[node] ?? false).toBe(false);
    expect(result.meanStages).toBe(1);
  });
});
