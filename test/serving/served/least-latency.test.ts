import * as fc from "fast-check";
import { expect, test } from "vitest";
import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../../src/core/cluster.js";
import { NO_OVERHEAD } from "../../../src/engines/engine.js";
import { createLayerTime } from "../../../src/engines/timing.js";
import { findLeastLatency } from "../../../src/serving/served/least-latency.js";
import { drawTinyCluster } from "../../support/tiny-cluster.js";

const FREE = { drained: new Set<number>() };

/** The tiny cluster with links that take time, and a time for a decode on each machine type. */
function timed(seed: number): Cluster {
  const cluster = drawTinyCluster(seed);
  const machines = cluster.machines.map((machine, type) => {
    const seconds = 0.001 * (1 + ((seed * 7 + type * 13) % 9));
    const decodeSeconds = [
      [1, seconds],
      [64, 4 * seconds],
    ] as const;
    const curves = { promptSeconds: decodeSeconds, decodeSeconds };
    return { ...machine, capacity: { ...machine.capacity, curves } };
  });
  const late = <T extends { latencySeconds: number } | undefined>(link: T, at: number): T =>
    link && { ...link, latencySeconds: 0.0005 * (at % 5) };
  const byRegion = cluster.network.byRegion.map((row, from) =>
    row.map((link, to) => late(link, 3 * from + to + seed)),
  );
  return { ...cluster, machines, network: { ...cluster.network, byRegion } };
}

/** Every order of nodes with every share of the layers. */
function leastByTrying(cluster: Cluster): number {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const nic = (node: number): number =>
    node === COORDINATOR
      ? cluster.coordinator.nicBytesPerSecond
      : machineOf(cluster, node).nicBytesPerSecond;
  const way = (from: number, to: number): number => {
    const link = linkBetween(cluster, from, to);
    if (link === undefined) return Infinity;
    const bytes = from < 0 || to < 0 ? tokenBytes : activationBytes;
    return link.latencySeconds + bytes / Math.min(link.bandwidthBytesPerSecond, nic(from), nic(to));
  };
  const go = (done: number, last: number, used: readonly number[]): number => {
    if (done === layers) return way(last, COORDINATOR);
    let least = Infinity;
    cluster.nodes.forEach((_, node) => {
      if (used.includes(node)) return;
      const { capacity } = machineOf(cluster, node);
      const single = createLayerTime(capacity.curves!.decodeSeconds)(1);
      for (let k = 1; k <= Math.min(capacity.maxLayers, layers - done); k += 1)
        least = Math.min(least, way(last, node) + k * single + go(done + k, node, [...used, node]));
    });
    return least;
  };
  return go(0, COORDINATOR, []);
}

test("the quickest pipeline is the one that trying all of them finds", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (seed) => {
      const cluster = timed(seed);
      const best = findLeastLatency(cluster, NO_OVERHEAD, FREE);
      const least = leastByTrying(cluster);
      if (best === undefined) {
        expect(least).toBe(Infinity);
        return;
      }
      found += 1;
      expect(best.secondsPerToken).toBeCloseTo(least, 12);
      expect(best.bound).toBeCloseTo(least, 12);
    }),
    { numRuns: 300, seed: 20 },
  );
  expect(found).toBeGreaterThan(100);
});
