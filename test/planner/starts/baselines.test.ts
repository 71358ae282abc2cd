import * as fc from "fast-check";
import { BASELINES } from "../../../src/planner/starts/baselines.js";
import { describe, expect, test } from "vitest";
import { machineOf, type Cluster } from "../../../src/core/cluster.js";
import { evaluatePlacement } from "../../../src/planner/graph/evaluate-placement.js";
import { fastestChain } from "../../../src/planner/starts/baseline-chain.js";
import { placeBySwarm } from "../../../src/planner/starts/baseline-swarm.js";
import { clusterOf } from "../../serving/simulate/fixtures.js";

interface Type {
  readonly maxLayers: number;
  readonly speed: number;
}

function mixed(layers: number, types: readonly Type[], nodes: readonly number[]): Cluster {
  const base = clusterOf({ layers, nodes: nodes.length });
  return {
    ...base,
    machines: types.map(({ maxLayers, speed }, type) => ({
      ...base.machines[0]!,
      name: `t${type}`,
      capacity: {
        maxLayers,
        tokensPerSecond: Array.from({ length: maxLayers }, (_, k) => speed / (k + 1)),
        source: "given",
      },
    })),
    nodes: nodes.map((machine, node) => ({ id: `n${node}`, machine, region: node % 2 })),
    regions: ["east", "west"],
    network: {
      byRegion: Array(2).fill(Array(2).fill(base.network.byRegion[0]![0])),
      exceptions: new Map(),
    },
  };
}

const clusters = fc
  .record({
    layers: fc.integer({ min: 1, max: 24 }),
    types: fc.array(
      fc.record({
        maxLayers: fc.integer({ min: 0, max: 8 }),
        speed: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    nodes: fc.array(fc.nat(2), { minLength: 1, maxLength: 14 }),
  })
  .map(({ layers, types, nodes }) =>
    mixed(
      layers,
      types,
      nodes.map((node) => node % types.length),
    ),
  );

const methods = BASELINES.map(
  ({ name, build }) => [name, (cluster: Cluster) => build(cluster, 1)] as const,
);

test.each(methods)("%s: a placement that fits and serves, or a reason", (_, place) => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const outcome = place(cluster);
      if (outcome.kind === "impossible") {
        expect(outcome.reason).not.toBe("");
        return;
      }
      outcome.placement.forEach((interval, node) => {
        if (interval === null) return;
        const [start, end] = interval;
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(cluster.model.layers);
        expect(end - start).toBeGreaterThan(0);
        expect(end - start).toBeLessThanOrEqual(machineOf(cluster, node).capacity.maxLayers);
      });
      const flow = evaluatePlacement(cluster, outcome.placement, { partialInference: true });
      expect(flow.throughput).toBeGreaterThan(0);
    }),
    { seed: 6, numRuns: 150 },
  );
});

describe("fastestChain", () => {
  test("is the best single pipeline over all ways to share out the layers", () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const nodes = cluster.nodes.slice(0, 4).map((_, node) => node);
        fc.pre(cluster.model.layers <= 12);
        const speeds = nodes.map((node) => machineOf(cluster, node).capacity.tokensPerSecond);
        const best = (at: number, left: number): number => {
          if (left === 0) return Infinity;
          if (at === nodes.length) return 0;
          let most = best(at + 1, left);
          speeds[at]!.slice(0, left).forEach((speed, k) => {
            most = Math.max(most, Math.min(speed, best(at + 1, left - k - 1)));
          });
          return most;
        };
        const chain = fastestChain(cluster, nodes);
        expect(chain?.tokensPerSecond ?? 0).toBeGreaterThanOrEqual(best(0, cluster.model.layers));
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});

test("swarm: the paper's cluster, 4 A100, 8 L4, 12 T4, 80 layers: 20 stages of 4 (Helix artifact)", () => {
  const cluster = mixed(
    80,
    [
      { maxLayers: 12, speed: 24 },
      { maxLayers: 7, speed: 7.5 },
      { maxLayers: 4, speed: 5.7 },
    ],
    [0, 0, 0, 0, ...Array<number>(8).fill(1), ...Array<number>(12).fill(2)],
  );
  const outcome = placeBySwarm(cluster);
  if (outcome.kind !== "placement") throw new Error(outcome.reason);
  const stages = new Map<number, number>();
  for (const interval of outcome.placement)
    stages.set(interval![0], (stages.get(interval![0]) ?? 0) + 1);
  expect(stages.size).toBe(20);
  expect(outcome.placement[3]).toEqual([0, 4]);
  expect([...stages.values()].filter((nodes) => nodes === 2).length).toBe(4);
});
