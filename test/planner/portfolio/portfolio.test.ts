import { BASELINES } from "../../../src/planner/starts/baselines.js";
import { describe, expect, it } from "vitest";
import { plan } from "../../../src/serving/plan/plan.js";
import type { Cluster } from "../../../src/core/cluster.js";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import {
  UNCONSTRAINED,
  type PlacementConstraints,
  type PlanningProblem,
} from "../../../src/planner/problem/problem.js";
import { drawTinyCluster } from "../../support/tiny-cluster.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { randomPlacement, randomProblem } from "../../support/random-problem.js";

const SEED = 1;
const ports = createInlinePorts();

async function planned(
  problem: PlanningProblem,
  warmStart?: Placement,
): Promise<{ readonly throughput: number; readonly upperBound: number }> {
  const outcome = await plan(
    problem.cluster,
    {
      iterationLimit: 1,
      threads: 0,
      gap: 0,
      seed: SEED,
      partialInference: problem.partialInference,
      constraints: problem.constraints,
      ...(warmStart === undefined ? {} : { warmStart }),
    },
    ports,
  );
  if (outcome.kind === "planned") return outcome.file;
  return { throughput: 0, upperBound: outcome.kind === "infeasible" ? 0 : Infinity };
}

function baselines(cluster: Cluster): readonly Placement[] {
  return BASELINES.map(({ build }) => build(cluster, SEED)).flatMap((outcome) =>
    outcome.kind === "placement" ? [outcome.placement] : [],
  );
}

describe("the portfolio", () => {
  it("is never worse than a baseline or its warm start", async () => {
    let compared = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const problem = randomProblem(seed, { nodes: [3, 8], layers: [3, 9], regions: 3 });
      const random = createRandom(seed);
      const starts = Array.from({ length: 40 }, () => randomPlacement(problem, random));
      const worth = (placement: Placement): number => measureThroughput(problem, placement);
      const start = starts.toSorted((a, b) => worth(b) - worth(a))[0]!;
      const found = await planned(problem);
      const warm = await planned(problem, start);
      const least = Math.max(0, ...baselines(problem.cluster).map(worth));
      if (least > 0) compared++;
      expect(found.throughput, `seed ${seed}`).toBeGreaterThanOrEqual(least * (1 - 1e-9));
      const better = Math.max(least, worth(start));
      expect(warm.throughput, `seed ${seed}`).toBeGreaterThanOrEqual(better * (1 - 1e-9));
    }
    expect(compared).toBeGreaterThan(1);
  });
});

const CONSTRAINTS: Readonly<
  Record<string, (cluster: Cluster, seed: number) => Partial<PlacementConstraints>>
> = {
  maxDepth: () => ({ maxDepth: 2 }),
  maxNodesPerStage: () => ({ maxNodesPerStage: 1 }),
  chainsOnly: () => ({ chainsOnly: true }),
  pins: (cluster, seed) => ({ pins: new Map([[seed % cluster.nodes.length, [0, 1] as const]]) }),
  drain: (cluster, seed) => ({ drained: new Set([seed % cluster.nodes.length]) }),
};

/** The best placement that the judge lets pass; with depth and chains a value that can be reached. */
function bestOf(problem: PlanningProblem): number {
  const { cluster } = problem;
  const { layers } = cluster.model;
  const placement: (LayerInterval | null)[] = cluster.nodes.map(() => null);
  let best = 0;
  const fill = (node: number): void => {
    if (node === placement.length) {
      best = Math.max(best, measureThroughput(problem, placement));
      return;
    }
    const most = cluster.machines[cluster.nodes[node]!.machine]!.capacity.maxLayers;
    placement[node] = null;
    fill(node + 1);
    for (let start = 0; start < layers; start++) {
      for (let end = start + 1; end <= Math.min(layers, start + most); end++) {
        placement[node] = [start, end];
        fill(node + 1);
      }
    }
    placement[node] = null;
  };
  fill(0);
  return best;
}

describe.each(Object.keys(CONSTRAINTS))("under %s", (name) => {
  it("no bound is below what can be reached, and most of it is found", async () => {
    let found = 0;
    let feasible = 0;
    for (let seed = 1; seed <= 14; seed++) {
      const cluster = drawTinyCluster(seed);
      if (cluster.model.layers > 4) continue;
      const constraints = { ...UNCONSTRAINED, ...CONSTRAINTS[name]!(cluster, seed) };
      const problem = { cluster, partialInference: true, constraints };
      const best = bestOf(problem);
      const { throughput, upperBound } = await planned(problem);
      expect(upperBound, `seed ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      if (best === 0) continue;
      feasible++;
      if (throughput >= 0.95 * best) found++;
    }
    expect(feasible).toBeGreaterThan(0);
    expect(found).toBeGreaterThanOrEqual(0.7 * feasible);
  });
});
