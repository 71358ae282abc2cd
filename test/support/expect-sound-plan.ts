import { expect } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import type { Cluster } from "../../src/core/cluster.js";
import { solveByDinic } from "../../src/math/flow/dinic.js";
import type { Solver } from "../../src/math/lp/solver.js";
import { buildPlacementNetwork } from "../../src/planner/graph/placement-network.js";
import {
  clusterOfPlacement,
  placementOf,
  readPlacementFile,
} from "../../src/formats/read-placement.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { solveFlowLp } from "./flow-lp.js";

/**
 * A placement file survives a round trip through text, passes the independent check, and its own
 * max flow, that of the LP and the throughput printed are one number, not above the bound.
 */
export function expectSoundPlan(whole: Cluster, planned: PlacementFile, solver: Solver): void {
  const file = readPlacementFile("placement", JSON.stringify(planned));
  expect(JSON.stringify(file)).toBe(JSON.stringify(planned));
  expect(checkPlacement(whole, file)).toEqual([]);
  // With the steps that were chosen.
  const cluster = clusterOfPlacement(whole, file);
  const partialInference = file.partialInference !== false;
  const { network } = buildPlacementNetwork(cluster, placementOf(cluster, file), {
    partialInference,
  });
  const flow = solveByDinic(network).value;
  expectNear(flow, file.throughput, 1e-6);
  expectNear(solveFlowLp(network, solver), file.throughput, 1e-6);
  expect(file.throughput).toBeLessThanOrEqual(file.upperBound);
}

/** Equality relative to the expected value; what is left of rounding near zero is forgiven. */
export function expectNear(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected), `${actual} ≠ ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.abs(expected) + 1e-12,
  );
}
