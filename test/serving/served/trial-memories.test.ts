import { expect, test } from "vitest";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import type { ServiceLimits } from "../../../src/serving/served/limits.js";
import { createTrialMemories } from "../../../src/serving/served/chains/trial-memories.js";

const file = (count: number, changes: Partial<ClusterFile> = {}): ClusterFile => ({
  format: "helix-place/cluster@1",
  name: `${count} boxes`,
  engine: "vllm",
  model: "llama-2-13b",
  workload: { promptTokens: 300, outputTokens: 30 },
  machines: { box: { gpu: "L4", gpus: 2, nic: "10 Gb/s" } },
  nodes: [{ id: "n", machine: "box", count, region: "here" }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
  coordinator: { region: "here" },
  ...changes,
});
const limits = { statistic: "mean", maxTimePerOutputToken: 0.1 } as const;

test("machines in other numbers share what trials have shown; what serves otherwise does not", () => {
  const memories = createTrialMemories();
  const memoryOf = (given: ClusterFile, within: ServiceLimits | "none" = limits, step = 2048) => {
    const whole = resolveCluster("cluster.json", given);
    const { cluster, chosen } = clusterUnder(whole, { batchTokens: step });
    return memories.of(cluster, chosen.engine, within === "none" ? undefined : within);
  };
  const first = memoryOf(file(1));
  expect(memoryOf(file(3))).toBe(first);
  const within = (latency: string) => ({ withinRegion: { bandwidth: "10 Gb/s", latency } });
  const slow = [{ from: "n-1", to: "n-2", bandwidth: "1 Gb/s", latency: "9 ms" }];
  const others = [
    memoryOf(file(3), "none"),
    memoryOf(file(3), limits, 512),
    memoryOf(file(3, { network: within("5 ms") })),
    memoryOf(file(3, { workload: { promptTokens: 300, outputTokens: 31 } })),
    memoryOf(file(3, { machines: { box: { gpu: "L4", gpus: 2, nic: "1 Gb/s" } } })),
    memoryOf(file(3, { network: { ...within("0.2 ms"), links: slow } })),
    memoryOf(file(4, { network: { ...within("0.2 ms"), links: slow } })),
  ];
  expect(new Set([first, ...others]).size).toBe(8);
});

test("only so many are kept", () => {
  const memories = createTrialMemories();
  const memoryOf = (outputTokens: number) => {
    const given = file(1, { workload: { promptTokens: 300, outputTokens } });
    const { cluster, chosen } = clusterUnder(resolveCluster("cluster.json", given), {});
    return memories.of(cluster, chosen.engine, undefined);
  };
  const first = memoryOf(1);
  for (let other = 2; other < 16; other += 1) memoryOf(other);
  expect(memoryOf(1)).toBe(first);
  for (let other = 20; other < 40; other += 1) memoryOf(other);
  expect(memoryOf(1)).not.toBe(first);
});
