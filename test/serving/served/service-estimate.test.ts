import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { estimateService, valueMemory } from "../../../src/serving/served/service-estimate.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";

const file = JSON.parse(readFileSync("clusters/one-machine.json", "utf8")) as ClusterFile;
const cluster = resolveCluster("one", file);
const whole = cluster.nodes.map(() => [0, cluster.model.layers] as const);

test("a placement on machines with curves has an estimate, without them none", () => {
  const estimate = estimateService(cluster, whole, true)!;
  expect(estimate.decodeThroughput).toBeGreaterThan(0);
  // Little's law: requests under way × tokens each = rate × time in the system, so latency follows.
  expect(estimate.concurrency).toBeGreaterThan(1);
  const machines = cluster.machines.map(({ capacity, ...machine }) => {
    const { curves: _, ...rest } = capacity;
    return { ...machine, capacity: rest };
  });
  expect(estimateService({ ...cluster, machines }, whole, true)).toBeUndefined();
  expect(valueMemory({ ...cluster, machines }, whole, true)).toEqual([]);
});

test("one GB of KV holds as many more requests as it has room for", () => {
  const before = estimateService(cluster, whole, true)!;
  const [value] = valueMemory(cluster, whole, true);
  const { kvBytesPerToken, layers } = cluster.model;
  const { capacity } = cluster.machines[cluster.nodes[0]!.machine]!;
  const tokens = capacity.kvCacheTokens![layers - 1]!;
  const share = Math.floor(1e9 / (layers * kvBytesPerToken)) / tokens;
  expect(value!.nodes).toBe(cluster.nodes.length);
  expect(value!.concurrencyGain / before.concurrency).toBeCloseTo(share, 2);
  expect(value!.gain).toBeGreaterThanOrEqual(0);
  expect(value!.goodput).toBeCloseTo(before.decodeThroughput + value!.gain, 9);
});
