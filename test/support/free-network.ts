import type { Machine } from "../../src/core/cluster.js";
import { createRandom } from "../../src/core/random.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";
import { randomProblem, type RandomProblemLimits } from "./random-problem.js";

/**
 * A random problem whose network never binds and whose T(k) need not fall with k: what type-level
 * models assume, at its worst. A function of the seed alone.
 */
export function freeNetworkProblem(
  seed: number,
  limits: Pick<RandomProblemLimits, "nodes" | "layers">,
  partialInference: boolean,
): PlanningProblem {
  const problem = randomProblem(seed, { ...limits, regions: 1, thin: 0, missing: 0 });
  const random = createRandom(seed + 0.5 * 2 ** 32);
  const machines = problem.cluster.machines.map((machine): Machine => {
    const bumps = random.next() < 0.5 ? 0.8 : 0;
    const tokensPerSecond = machine.capacity.tokensPerSecond.map(
      (rate) => Math.round(rate * (1 + bumps * (random.next() - 0.5)) * 8) / 8,
    );
    return {
      ...machine,
      capacity: { ...machine.capacity, tokensPerSecond },
      nicBytesPerSecond: 1e9,
    };
  });
  const { model } = problem.cluster;
  const network = {
    byRegion: [[{ bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 }]],
    exceptions: new Map(),
  };
  const coordinator = { region: 0, nicBytesPerSecond: 1e9 };
  const cluster = { ...problem.cluster, machines, network, coordinator, model };
  return { ...problem, cluster, partialInference };
}
