import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { findEngine } from "../../../src/engines/engines.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { createChainRates } from "../../../src/serving/served/chains/chain-rates.js";
import { runSettled } from "../../../src/serving/served/chains/settled-run.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";

const cluster = resolveCluster("cluster.json", {
  format: "helix-place/cluster@1",
  name: "one-card",
  model: "qwen-2.5-7b",
  workload: "sharegpt",
  engine: "parallax",
  machines: { a100: { gpu: "A100-80GB" } },
  nodes: [{ id: "a100", machine: "a100" }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const whole = [[0, cluster.model.layers]] as const;
const options = { engine: "parallax", begins: "full", seed: 7 } as const;
const decodes = (run: { readonly decodeTokensPerSecond: number }): number =>
  run.decodeTokensPerSecond;
const run = (warmupSeconds: number, durationSeconds: number) =>
  simulatePlacement(cluster, whole, { ...options, warmupSeconds, durationSeconds }).result;
const long = run(30, 30);

test("a window that a run's first decodes fill is moved to where prompts are served as well", () => {
  const short = run(5, 5);
  expect(short.promptTokensPerSecond).toBeLessThan(0.2 * long.promptTokensPerSecond);
  expect(decodes(short)).toBeGreaterThan(1.1 * decodes(long));
  const { result: settled } = runSettled(cluster, whole, {
    ...options,
    warmupSeconds: 5,
    durationSeconds: 5,
  });
  expect(decodes(settled) / decodes(long)).toBeGreaterThan(0.95);
  expect(decodes(settled) / decodes(long)).toBeLessThan(1.05);
});

test("so it is in the trials by which chains are chosen", () => {
  const engine = findEngine("parallax");
  const lengths = chooseLengths(cluster.workload, undefined);
  const rates = createChainRates(cluster, engine, lengths, { seed: 3 });
  const tried = rates.of({ nodes: [0], layers: [[0, cluster.model.layers]] });
  expect(tried / decodes(long)).toBeGreaterThan(0.95);
  expect(tried / decodes(long)).toBeLessThan(1.05);
});
