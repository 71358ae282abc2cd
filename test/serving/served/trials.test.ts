import { describe, expect, test } from "vitest";
import { pickFinalists } from "../../../src/serving/served/goodput-rivals.js";
import {
  createTrial,
  evolve,
  rank,
  type JudgedPlacement,
} from "../../../src/serving/served/goodput-trials.js";
import { openGoodputModel } from "../../../src/serving/served/goodput-search.js";
import {
  runSimulationJob,
  type SimulationCrew,
} from "../../../src/serving/simulate/simulation-job.js";
import type { SimulationReport } from "../../../src/serving/simulate/simulate-placement.js";
import {
  scoreService,
  type ServiceFigures,
  type ServiceLimits,
} from "../../../src/serving/served/limits.js";
import { scorePlacement } from "../../../src/serving/served/refine.js";
import { vary } from "../../../src/serving/served/vary.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { clusterOf } from "../simulate/fixtures.js";

const cluster = clusterOf({
  layers: 6,
  nodes: 6,
  kvTokens: 1000,
  promptSeconds: [
    [0, 0],
    [1000, 20],
  ],
  decodeSeconds: [
    [0, 0],
    [2, 0.5],
    [100, 1],
  ],
});
const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
const chain = Array.from({ length: 6 }, (_, node): LayerInterval => [node, node + 1]);
/** Every layer twice: there is room to move. */
const pairs = Array.from({ length: 6 }, (_, node): LayerInterval => {
  const start = 2 * Math.floor(node / 2);
  return [start, start + 2];
});
const FREE: ServiceLimits = { statistic: "mean" };

const figures = (decode: number, ttft: number, tpot: number): ServiceFigures => ({
  decodeTokensPerSecond: decode,
  timeToFirstToken: { mean: ttft, p95: 2 * ttft },
  timePerOutputToken: { mean: tpot, p95: 2 * tpot },
});

/** What the simulator might say; only the figures that a search looks at. */
const judgedAs = (
  placement: Placement,
  decode: number,
  ttft: number,
  tpot: number,
): JudgedPlacement => ({
  placement,
  report: { result: figures(decode, ttft, tpot) } as unknown as SimulationReport,
});

test("the best gets a last run, beside it the best that keeps the limits with ease, then the others", () => {
  const others = [chain, pairs, chain.toReversed()];
  const limits = { ...FREE, maxTimePerOutputToken: 1 };
  const judged = [
    judgedAs(others[0]!, 100, 1, 0.9),
    judgedAs(others[1]!, 130, 1, 0.99),
    judgedAs(others[2]!, 120, 1, 0.98),
  ];
  expect(pickFinalists(judged, limits, 2)).toEqual([others[1], others[0]]);
  expect(pickFinalists(judged, limits, 3)).toEqual([others[1], others[0], others[2]]);
  expect(pickFinalists(judged, FREE, 2)).toEqual([others[1], others[2]]);
  expect(pickFinalists([], FREE, 2)).toEqual([]);
});

describe("variants", () => {
  const model = openGoodputModel(cluster, "layerwise");
  const estimate = scorePlacement(problem, model, FREE, pairs)!.estimate;

  test("are legal, carry something, and are a function of the seed", () => {
    const parent = { placement: pairs, figures: estimate };
    let made = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const variant = vary(problem, model, FREE, parent, { moves: 2, seed });
      expect(vary(problem, model, FREE, parent, { moves: 2, seed })).toEqual(variant);
      if (variant === undefined) continue;
      made += 1;
      expect(measureThroughput(problem, variant)).toBeGreaterThan(0);
      const scored = scorePlacement(problem, model, FREE, variant)!;
      expect(scored.score).toBeGreaterThanOrEqual(scoreService(estimate, FREE) - 0.02);
    }
    expect(made).toBeGreaterThan(0);
  });

  test("limits are where the simulator sees them: the model is corrected at the parent", () => {
    const { mean } = estimate.timePerOutputToken;
    const slow = (factor: number) => ({
      placement: pairs,
      figures: { ...estimate, timePerOutputToken: { mean: factor * mean, p95: 3 * mean } },
    });
    const aim: ServiceLimits = { ...FREE, maxTimePerOutputToken: 1.3 * mean };
    const truth = (factor: number, seed: number): number => {
      const variant = vary(problem, model, aim, slow(factor), { moves: 3, seed })!;
      return (
        factor * scorePlacement(problem, model, FREE, variant)!.estimate.timePerOutputToken.mean
      );
    };
    for (let seed = 1; seed <= 6; seed += 1)
      expect(truth(1.25, seed)).toBeLessThanOrEqual(1.3 * mean * Math.exp(0.02));
  });
});

describe("evolution", () => {
  const model = openGoodputModel(cluster, "layerwise");
  const run = async (queue: readonly Placement[], rounds: number) => {
    const tried: (readonly Placement[])[] = [];
    const judged = await evolve(
      {
        problem,
        model,
        seed: 5,
        trial: (placements) => {
          tried.push(placements);
          return Promise.resolve(
            placements.map((placement) => {
              const { estimate } = scorePlacement(problem, model, FREE, placement)!;
              const { decodeTokensPerSecond: decode, timeToFirstToken: ttft } = estimate;
              return judgedAs(placement, decode, ttft.mean, estimate.timePerOutputToken.mean);
            }),
          );
        },
        parents: (all) =>
          rank(all, FREE)
            .slice(0, 2)
            .map((one) => ({ judged: one, limits: FREE })),
        enough: (round) => round >= rounds,
        restless: false,
        breathe: () => Promise.resolve(),
      },
      queue.values(),
      [],
    );
    return { tried, judged };
  };

  test("tries the queue first, nothing twice, and ends no worse than it began", async () => {
    const { tried, judged } = await run([pairs, pairs], 6);
    expect(tried[0]).toEqual([pairs]);
    const keys = judged.map(({ placement }) => JSON.stringify(placement));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(4);
    const [best] = rank(judged, FREE);
    const decode = (one: JudgedPlacement): number => one.report.result.decodeTokensPerSecond;
    expect(decode(best!)).toBeGreaterThan(decode(judged[0]!));
    expect((await run([pairs, pairs], 6)).judged).toEqual(judged);
  });

  test("a trial that fails is not swallowed", async () => {
    await expect(
      evolve(
        {
          problem,
          model,
          seed: 1,
          trial: () => Promise.reject(new Error("no simulator")),
          parents: () => [],
          enough: () => false,
          restless: false,
          breathe: () => Promise.resolve(),
        },
        [pairs].values(),
        [],
      ),
    ).rejects.toThrow("no simulator");
  });

  test.each([
    ["hands that would wait for the queue get variants", true],
    ["where hands may wait, what is tried is the queue", false],
  ])("%s", async (_, restless) => {
    const tried: Placement[] = [];
    let pauses = 0;
    /** A round of placements, and then a descent that takes long. */
    const slow = function* (): Generator<Placement | undefined> {
      yield* [pairs, chain, pairs.toReversed(), chain.toReversed()];
      for (; pauses < 500; pauses += 1) yield undefined;
    };
    let beforeItsEnd = 0;
    await evolve(
      {
        problem,
        model,
        seed: 5,
        trial: (placements) => {
          tried.push(...placements);
          if (pauses < 500) beforeItsEnd = tried.length;
          return Promise.resolve(placements.map((placement) => judgedAs(placement, 1, 1, 1)));
        },
        parents: (all) => all.slice(0, 2).map((one) => ({ judged: one, limits: FREE })),
        enough: (round) => round >= 6,
        restless,
        breathe: () => new Promise((resolve) => setImmediate(resolve)),
      },
      slow(),
      [],
    );
    if (restless) expect(beforeItsEnd).toBeGreaterThan(4);
    else expect(beforeItsEnd).toBe(4);
    expect(new Set(tried.map((one) => JSON.stringify(one))).size).toBe(tried.length);
  });
});

test("the flow that a trial tells is that of the placement under its constraints", async () => {
  // Two nodes begin, quicker ones, and four end: chains leave two idle that a free network uses.
  const uneven: Placement = [0, 0, 2, 2, 2, 2].map((start) => [start, start === 0 ? 2 : 6]);
  const chains = { ...UNCONSTRAINED, chainsOnly: true };
  const own = { cluster, partialInference: false, constraints: chains };
  const crew: SimulationCrew = {
    size: 1,
    run: (job, tell) => Promise.resolve(runSimulationJob(job, tell, () => 0)),
    dismiss: () => Promise.resolve(),
  };
  const trial = createTrial(own, { warmupSeconds: 1, durationSeconds: 5 }, crew);
  const [judged] = await trial([uneven]);
  const flow = measureThroughput(own, uneven);
  expect(measureThroughput({ ...own, constraints: UNCONSTRAINED }, uneven)).toBeGreaterThan(flow);
  expect(judged!.report.flow).toBeCloseTo(flow, 6);
});
