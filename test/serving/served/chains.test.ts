import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findEngine } from "../../../src/engines/engines.js";
import type { ChainBatching } from "../../../src/engines/engine.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { UNCONSTRAINED, type PlanningProblem } from "../../../src/planner/problem/problem.js";
import { evaluateOpen } from "../../../src/planner/problem/measure-throughput.js";
import { placeBaseline } from "../../../src/planner/starts/baselines.js";
import { createChainSearch } from "../../../src/serving/served/chains/plan-chains.js";
import { balanceLayers } from "../../../src/serving/served/chains/chain-layers.js";
import { boundServed } from "../../../src/serving/served/bound-served.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { clusterOf } from "../simulate/fixtures.js";

const ENGINES = ["vllm", "sglang", "llama.cpp"] as const;
const RUN = { warmupSeconds: 30, durationSeconds: 60 };

/** Two kinds of machines: quick ones that hold `quickLayers`, slow ones that hold half as many. */
function mixed(quick: number, slow: number, quickLayers: number): Cluster {
  const base = clusterOf({ layers: 8, nodes: quick + slow, kvTokens: 30_000 });
  const [machine] = base.machines;
  const limited = (most: number, factor: number): typeof machine => {
    const { curves, ...capacity } = machine!.capacity;
    const slower = (curve: readonly (readonly [number, number])[]): [number, number][] =>
      curve.map(([x, y]) => [x, y * factor]);
    return {
      ...machine!,
      name: `up-to-${most}`,
      capacity: {
        ...capacity,
        maxLayers: most,
        tokensPerSecond: capacity.tokensPerSecond.slice(0, most).map((rate) => rate / factor),
        kvCacheTokens: capacity.kvCacheTokens!.slice(0, most),
        curves: {
          ...curves!,
          promptSeconds: slower(curves!.promptSeconds),
          decodeSeconds: slower(curves!.decodeSeconds),
        },
      },
    };
  };
  return {
    ...base,
    workload: { name: "short", promptTokens: 100, outputTokens: 30 },
    machines: [limited(quickLayers, 1)!, limited(Math.max(1, quickLayers >> 1), 4)!],
    nodes: base.nodes.map((node, at) => ({ ...node, machine: at < quick ? 0 : 1 })),
  };
}

async function planOf(cluster: Cluster, engine: (typeof ENGINES)[number]) {
  const problem: PlanningProblem = {
    cluster,
    partialInference: true,
    constraints: { ...UNCONSTRAINED, chainsOnly: true },
  };
  const rules = findEngine(engine);
  const chosen = { ...rules, batching: rules.batching as ChainBatching };
  const lengths = chooseLengths(cluster.workload);
  const known = (["separate", "separate-plus", "homogeneous", "swarm"] as const).flatMap((name) => {
    const outcome = placeBaseline(cluster, name);
    return outcome.kind === "impossible" ? [] : [{ name, placement: outcome.placement }];
  });
  const search = createChainSearch(problem, chosen, lengths, {
    seed: 1,
    patience: 3,
    moves: 5,
    outOfTime: () => false,
    breathe: () => Promise.resolve(),
  });
  for (const { name, placement } of known) await search.judge(name, placement);
  await search.judgeObvious();
  await search.improve();
  const plan = search.best();
  return { problem, plan, bound: boundServed(cluster, problem.constraints, findEngine(engine)) };
}

test("machines that hold the model alone are copies, not a chain", async () => {
  const { plan } = await planOf(mixed(4, 0, 8), "vllm");
  expect(plan!.placement).toEqual([
    [0, 8],
    [0, 8],
    [0, 8],
    [0, 8],
  ]);
});

test("a plan is never worse than a start, and no run of it serves more than the bound", async () => {
  const cases = fc.record({
    quick: fc.integer({ min: 1, max: 4 }),
    slow: fc.integer({ min: 0, max: 4 }),
    layers: fc.integer({ min: 3, max: 8 }),
    engine: fc.constantFrom(...ENGINES),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ quick, slow, layers, engine }) => {
      const cluster = mixed(quick, slow, layers);
      const { problem, plan, bound } = await planOf(cluster, engine);
      if (plan === undefined) {
        expect(quick * layers + slow * (layers >> 1)).toBeLessThan(8);
        return;
      }
      for (const start of plan.starts) {
        expect(plan.decodeTokensPerSecond).toBeGreaterThanOrEqual(start.worth);
      }
      const { links } = evaluateOpen(problem, plan.placement).carried;
      const run = { engine, seed: 99, links, ...RUN };
      const { result } = simulatePlacement(cluster, plan.placement, run);
      expect(result.decodeTokensPerSecond).toBeLessThanOrEqual(1.02 * bound);
      expect(result.decodeTokensPerSecond).toBeGreaterThan(0.9 * plan.decodeTokensPerSecond);
    }),
    { numRuns: 8 },
  );
});

test("layers go where they hold up the chain least, and no node gets more than it holds", () => {
  const cluster = mixed(1, 1, 7);
  expect(balanceLayers(cluster, [0, 1], "speed")!.layers).toEqual([
    [0, 7],
    [7, 8],
  ]);
  expect(balanceLayers(cluster, [1], "speed")).toBeUndefined();
});
