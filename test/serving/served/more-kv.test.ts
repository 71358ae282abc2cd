import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hasKvLimit, withMoreKv } from "../../../src/serving/served/more-kv.js";
import { estimateService } from "../../../src/serving/served/service-estimate.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";

const file = JSON.parse(readFileSync("clusters/one-machine.json", "utf8")) as ClusterFile;
const machine = file.nodes[0]!.machine;
const cluster = resolveCluster("one", file);
const more = withMoreKv(cluster, { machine, bytes: 1e9 });

test("one GB of KV holds as many more requests as it has room for", () => {
  const whole = cluster.nodes.map(() => [0, cluster.model.layers] as const);
  const [before, after] = [cluster, more].map((each) => estimateService(each, whole, true)!);
  const { kvBytesPerToken, layers } = cluster.model;
  const { capacity } = cluster.machines[cluster.nodes[0]!.machine]!;
  const tokens = capacity.kvCacheTokens![layers - 1]!;
  const share = Math.floor(1e9 / (layers * kvBytesPerToken)) / tokens;
  expect(after!.concurrency / before!.concurrency - 1).toBeCloseTo(share, 2);
});

test("with more memory for KV no T(k) falls, and other machines stay as they are", () => {
  const others = withMoreKv(cluster, { machine: "none of them", bytes: 1e9 });
  cluster.machines.forEach(({ capacity }, at) => {
    const { maxLayers, tokensPerSecond } = more.machines[at]!.capacity;
    expect(maxLayers).toBe(capacity.maxLayers);
    capacity.tokensPerSecond.forEach((rate, layers) =>
      expect(tokensPerSecond[layers]).toBeGreaterThanOrEqual(rate * (1 - 1e-12)),
    );
    expect(others.machines[at]!.capacity.tokensPerSecond).toEqual(capacity.tokensPerSecond);
  });
});

test("parts of a machine share what it gets, by their cards", () => {
  const nodes = [{ id: "a", machine: "box", count: 1 }];
  const machines = { box: { gpu: "A100-80GB", gpus: 4 } };
  const parted = resolveCluster("parted", { ...file, machines, nodes });
  const bytes = 4e9;
  const with4 = withMoreKv(parted, { machine: "box", bytes });
  const { kvBytesPerToken } = parted.model;
  for (const [at, { name, capacity }] of parted.machines.entries()) {
    const own = capacity.kvCacheTokens?.[0];
    if (own === undefined) continue;
    const gained = with4.machines[at]!.capacity.kvCacheTokens![0]! - own;
    const degree = Number(/\/tp(\d+)$/.exec(name)?.[1] ?? 4);
    expect(gained, name).toBeCloseTo(Math.floor((bytes * degree) / 4 / kvBytesPerToken), -1);
  }
  expect(parted.machines.length).toBeGreaterThan(1);
});

test("machines whose profile says nothing of KV have no such limit", () => {
  const profile = { tokensPerSecond: [100, 50, 30] };
  const given = resolveCluster("given", { ...file, machines: { [machine]: { profile } } });
  expect(hasKvLimit(given, machine)).toBe(false);
  expect(hasKvLimit(cluster, machine)).toBe(true);
});
