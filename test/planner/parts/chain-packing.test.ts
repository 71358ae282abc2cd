import { beforeAll, expect, test } from "vitest";
import { degreeOf, type Cluster } from "../../../src/core/cluster.js";
import { partCluster } from "../../../src/core/parting.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import type { Solver } from "../../../src/math/lp/solver.js";
import { packChains } from "../../../src/planner/coverings/chain-packing.js";
import { boundFlowOfParts } from "../../../src/planner/parts/bound-parts.js";
import { assignPatterns, listPartClasses } from "../../../src/planner/parts/part-groups.js";
import { bestPacking } from "../../support/best-packing.js";
import { listPartitions } from "../../support/list-partitions.js";
import { randomParted } from "../../support/random-parted.js";

let highs: Solver;
beforeAll(async () => {
  highs = await loadSolver("highs");
});

/** More by hand: `PACKING_CASES=300 npx vitest run test/planner/parts/chain-packing.test.ts`. */
const CASES = Number(process.env["PACKING_CASES"] ?? 25);

/** Parted at random, with a network that never binds; every second one keeps degrees equal along chains. */
function freeParted(seed: number): Cluster {
  const { cluster } = randomParted(seed, { nodes: [1, 3], layers: [2, 4], mostCards: 4 });
  const machines = cluster.machines.map((each) => ({ ...each, nicBytesPerSecond: Infinity }));
  return { ...cluster, machines, ...(seed % 2 === 0 ? { equalDegrees: true as const } : {}) };
}

test("chains packed into machines parted are the best of all partitions, and no bound is below", () => {
  let proven = 0;
  let mixed = 0;
  let compared = 0;
  for (let seed = 0; compared < CASES; seed++) {
    const cluster = freeParted(seed);
    const partitions = listPartitions(cluster).map((each) => partCluster(cluster, each));
    // All packings of more nodes take too long.
    if (partitions.some(({ nodes }) => nodes.length > 6)) continue;
    compared += 1;
    const best = Math.max(...partitions.map(bestPacking));
    const { layers } = cluster.model;
    const { classes, groups } = listPartClasses(cluster, new Set());
    const free = { seed: 1, shouldStop: () => false };
    const packing = packChains(classes, layers, highs, { ...free, groups });
    expect(packing.bound, `bound of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
    expect(packing.carried, `packing of ${seed}`).toBeLessThanOrEqual(best * (1 + 1e-9));
    if (packing.carried >= best * (1 - 1e-4) && packing.bound <= best * (1 + 1e-3)) proven += 1;
    if (packing.chains.length === 0) continue;
    // The patterns have the nodes that the chains need.
    const parted = partCluster(cluster, assignPatterns(cluster, groups, packing.patterns));
    expect(bestPacking(parted), `partition of ${seed}`).toBeGreaterThanOrEqual(packing.carried);
    const degrees = new Set(parted.nodes.map((_, node) => degreeOf(parted, node)));
    if (degrees.size > 1) mixed += 1;
    const limits = { shouldStop: () => false, chainsOnly: true };
    const { value } = boundFlowOfParts({ classes, groups }, layers, highs, limits);
    expect(value, `bound of all parts of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
  }
  expect(proven).toBe(CASES);
  expect(mixed).toBeGreaterThan(CASES / 10);
});
