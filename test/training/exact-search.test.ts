import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { runSteps } from "../../src/training/run-steps.js";
import { expect, test } from "vitest";
import { chooseLikeAmp } from "../../src/training/amp-cost.js";
import { searchExactly, type ExactOptions } from "../../src/training/exact-search.js";
import { proportionalTimes } from "../../src/training/layer-times.js";
import { givenOrder } from "../../src/training/node-orders.js";
import { pipelineCost } from "../../src/training/pipeline-cost.js";
import { nodesOfRanks } from "../../src/training/rank-map.js";
import { readTrainingJob } from "../../src/formats/read-training-job.js";
import { enumerateStrategies } from "../../src/training/strategies.js";
import { allowed, leastCost } from "./brute-force.js";
import { randomJobs } from "./random-job.js";

const TOLERANCE = 1e-9;

const someOptions: fc.Arbitrary<ExactOptions> = fc.record({
  timing: fc.constantFrom("slowest", "average"),
  respectMemory: fc.boolean(),
  requireWork: fc.boolean(),
  nodeOrder: fc.constantFrom("search", "given"),
  mostEvaluations: fc.constant(100_000),
});

test("brute force over every cut and node order agrees, up to 12 layers and 4 stages", () => {
  let compared = 0;
  let infeasible = 0;
  fc.assert(
    fc.property(randomJobs(12, 4), someOptions, fc.nat(1000), (job, options, pick) => {
      const small = enumerateStrategies(job).filter((one) => one.stages <= 4);
      if (small.length === 0) return;
      const strategy = small[pick % small.length]!;
      const { search, order } = runSteps(searchExactly(job, strategy, options));
      const least = leastCost(job, strategy, options);
      compared++;
      if (least === Infinity) {
        infeasible++;
        expect(search.status).toBe("infeasible");
        return;
      }
      expect(search.status).toBe("optimal");
      if (search.status !== "optimal") return;
      expect(Math.abs(search.seconds / least - 1)).toBeLessThan(TOLERANCE);
      // The plan itself costs what was claimed and keeps the rules.
      const { seconds } = pipelineCost(job, strategy, search.cut.counts, order!, options.timing);
      expect(Math.abs(seconds / search.seconds - 1)).toBeLessThan(TOLERANCE);
      expect(allowed(job, strategy, search.cut.counts, order!, options)).toBe(true);
    }),
    { seed: 21, numRuns: 600 },
  );
  expect(compared).toBeGreaterThan(400);
  expect(infeasible).toBeGreaterThan(20);
  expect(infeasible).toBeLessThan(compared / 2);
});

test("a stage on several machine types is bounded by single machines, not by each layer's slowest", () => {
  // What the fuzz found (npm run fuzz -- --kind train): the cut 3,3 was pruned, and 5,1 called the best.
  const text = readFileSync("test/training/several-types-a-stage.json", "utf8");
  const job = readTrainingJob("several-types-a-stage.json", JSON.parse(text));
  const options: ExactOptions = {
    timing: "slowest",
    respectMemory: false,
    requireWork: true,
    nodeOrder: "given",
    mostEvaluations: 100_000,
  };
  for (const strategy of enumerateStrategies(job)) {
    const { search } = runSteps(searchExactly(job, strategy, options));
    if (search.status !== "optimal") throw new Error(search.status);
    expect(search.seconds / leastCost(job, strategy, options)).toBeCloseTo(1, 9);
  }
});

test("never above AMP's cut under AMP's restrictions", () => {
  const options: ExactOptions = {
    timing: "average",
    respectMemory: false,
    requireWork: false,
    nodeOrder: "given",
    mostEvaluations: 100_000,
  };
  let strictly = 0;
  fc.assert(
    fc.property(randomJobs(12, 4), (given) => {
      const job = { ...given, times: proportionalTimes(given.times) };
      const order = givenOrder(job.cluster);
      const ranks = nodesOfRanks(job.cluster, order);
      for (const strategy of enumerateStrategies(job)) {
        const choice = chooseLikeAmp(job, strategy, ranks);
        if (choice === undefined) continue;
        const amp = pipelineCost(job, strategy, choice.counts, order, "average").seconds;
        const { search } = runSteps(searchExactly(job, strategy, options));
        expect(search.status).toBe("optimal");
        if (search.status !== "optimal") continue;
        expect(search.seconds).toBeLessThanOrEqual(amp * (1 + TOLERANCE));
        if (search.seconds < amp * (1 - 1e-6)) strictly++;
      }
    }),
    { seed: 22, numRuns: 60 },
  );
  expect(strictly).toBeGreaterThan(0);
});

test("searching the node order and freeing memory never cost time", () => {
  const base: ExactOptions = {
    timing: "slowest",
    respectMemory: true,
    requireWork: true,
    nodeOrder: "given",
    mostEvaluations: 100_000,
  };
  fc.assert(
    fc.property(randomJobs(10, 5), fc.nat(1000), (job, pick) => {
      const strategies = enumerateStrategies(job);
      if (strategies.length === 0) return;
      const strategy = strategies[pick % strategies.length]!;
      const cost = (options: ExactOptions): number => {
        const { search } = runSteps(searchExactly(job, strategy, options));
        return search.status === "optimal" ? search.seconds : Infinity;
      };
      const given = cost(base);
      const searched = cost({ ...base, nodeOrder: "search" });
      const free = cost({ ...base, nodeOrder: "search", respectMemory: false });
      expect(searched).toBeLessThanOrEqual(given * (1 + TOLERANCE));
      expect(free).toBeLessThanOrEqual(searched * (1 + TOLERANCE));
    }),
    { seed: 23, numRuns: 150 },
  );
});

test("a search cut short still gives a bound that holds", () => {
  fc.assert(
    fc.property(randomJobs(10, 3), fc.integer({ min: 1, max: 4 }), (job, mostEvaluations) => {
      const options: ExactOptions = {
        timing: "slowest",
        respectMemory: false,
        requireWork: false,
        nodeOrder: "search",
        mostEvaluations,
      };
      for (const strategy of enumerateStrategies(job).slice(0, 5)) {
        const short = runSteps(searchExactly(job, strategy, options)).search;
        const full = runSteps(
          searchExactly(job, strategy, { ...options, mostEvaluations: 100_000 }),
        ).search;
        expect(full.status).toBe("optimal");
        if (full.status !== "optimal" || !("bound" in short)) return;
        expect(short.bound).toBeLessThanOrEqual(full.seconds * (1 + TOLERANCE));
        if ("seconds" in short) {
          expect(short.seconds).toBeGreaterThanOrEqual(full.seconds * (1 - TOLERANCE));
        }
      }
    }),
    { seed: 24, numRuns: 100 },
  );
});
