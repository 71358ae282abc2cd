import { expect, test } from "vitest";
import { uniformPartition, type Partition } from "../../../src/core/parting.js";
import type { EngineName } from "../../../src/core/engine-choice.js";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import type { ClusterFile } from "../../../src/formats/cluster-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { describeSpace } from "../../../src/serving/plan/part-space.js";
import { rateRows } from "../../../src/serving/plan/row-rates.js";
import type { ServiceLimits } from "../../../src/serving/served/limits.js";
import { createTrialMemory } from "../../../src/serving/served/chains/chain-rates.js";

/** So many machines of two cards in each region. */
const boxes = (engine: EngineName, model: string, counts: readonly number[]): ClusterFile => ({
  format: "helix-place/cluster@1",
  name: "regions",
  engine,
  model,
  workload: { promptTokens: 300, outputTokens: 30 },
  machines: { box: { gpu: "L4", gpus: 2, nic: "10 Gb/s" } },
  nodes: counts.map((count, at) => ({ id: `n${at}`, machine: "box", count, region: `r${at}` })),
  network: {
    withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" },
    acrossRegions: { bandwidth: "1 Gb/s", latency: "20 ms" },
  },
  coordinator: { region: "r0" },
});

/** Such machines, rated by what their rows serve. */
function rate(model: string, counts: readonly number[]) {
  const whole = resolveCluster("cluster.json", boxes("parallax", model, counts));
  const { cluster, chosen } = clusterUnder(whole, {});
  const { engine } = chosen;
  const memory = createTrialMemory(cluster, engine);
  const lengths = chooseLengths(cluster.workload);
  const trials = { engine, lengths, seed: 1, memory };
  const rates = rateRows(cluster, describeSpace(cluster, {}), trials, () => false);
  const worth = [1, 2].map((degree) => rates.of(uniformPartition(cluster.parting!, degree)));
  return { worth, tried: [...memory.known] };
}

test("rows of cards are rated in one region, and no trial is made again for longer: the time is for looks at whole partitions", () => {
  const { worth, tried } = rate("llama-2-13b", [2, 3, 2]);
  for (const each of worth) expect(each).toBeGreaterThan(0);
  expect(new Set(tried.flatMap(([like]) => like.match(/@\d+/g)))).toEqual(new Set(["@1"]));
  expect(tried.filter(([, { longer }]) => longer === true)).toEqual([]);
});

test("where no region holds the model, rows are rated by chains across regions", () => {
  const { worth, tried } = rate("qwen-2.5-32b", [1, 1, 1]);
  for (const each of worth) expect(each).toBeGreaterThan(0);
  const across = tried.filter(([like]) => new Set(like.match(/@\d+/g)).size > 1);
  expect(across.length).toBeGreaterThan(0);
});

test("within limits most cards together are rated first, and the clock leaves out the fewest", () => {
  const whole = resolveCluster("cluster.json", boxes("vllm", "llama-2-13b", [3]));
  const { cluster, chosen } = clusterUnder(whole, {});
  const { engine } = chosen;
  const lengths = chooseLengths(cluster.workload);
  const best = (within: ServiceLimits | undefined): readonly Partition[] => {
    const memory = createTrialMemory(cluster, engine);
    const trials = { engine, lengths, seed: 1, memory, within };
    const space = describeSpace(cluster, {});
    return rateRows(cluster, space, trials, () => memory.known.size > 0).listBest();
  };
  const limits = { statistic: "mean", maxTimePerOutputToken: 0.1 } as const;
  expect(best(limits)).toEqual([uniformPartition(cluster.parting!, 2)]);
  expect(best(undefined)).toEqual([uniformPartition(cluster.parting!, 1)]);
});
