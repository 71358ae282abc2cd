import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { estimateService } from "../../../src/serving/served/service-estimate.js";
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
});
