import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import type { EngineName } from "../../../src/core/engine-choice.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { createResidents } from "../../../src/serving/simulate/residents.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";

test("residents are found as often as they stay, at any of their tokens alike", () => {
  const lengths = chooseLengths({ name: "azure-conversation", promptTokens: 1, outputTokens: 1 });
  const next = lengths.createStream(createRandom(5));
  let [tokens, squares, prompts] = [0, 0, 0];
  for (let draw = 0; draw < 20_000; draw += 1) {
    next();
    tokens += lengths.outputTokens;
    squares += lengths.outputTokens ** 2;
    prompts += lengths.promptTokens * lengths.outputTokens;
  }
  const draw = createResidents(lengths, createRandom(7));
  const found = Array.from({ length: 20_000 }, draw);
  const mean = (of: (one: ReturnType<typeof draw>) => number): number =>
    found.reduce((sum, one) => sum + of(one), 0) / found.length;
  // The inspection paradox: seen from within, a length is E[x²]/E[x] on average, and half of it is over.
  expect(mean((one) => one.outputTokens) / (squares / tokens)).toBeCloseTo(1, 1);
  expect(mean((one) => one.decoded) / (squares / tokens / 2)).toBeCloseTo(1, 1);
  expect(mean((one) => one.promptTokens) / (prompts / tokens)).toBeCloseTo(1, 1);
  expect(found.every((one) => one.decoded >= 0 && one.decoded < one.outputTokens)).toBe(true);
});

const { cluster } = loadCluster(
  "cluster.json",
  JSON.stringify({
    format: "helix-place/cluster@1",
    name: "three",
    model: "llama-3-8b",
    workload: { promptTokens: 300, outputTokens: 120 },
    machines: { small: { gpu: "T4" } },
    nodes: ["a", "b", "c"].map((id) => ({ id, machine: "small", region: "here" })),
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.5 ms" } },
    coordinator: { region: "here" },
    engine: "vllm",
  }),
);
const chain = [
  [0, 11],
  [11, 22],
  [22, 32],
] as const;

describe.each(["vllm", "llama.cpp", "parallax", "helix"] satisfies EngineName[])("%s", (engine) => {
  const run = (begins: "empty" | "full", warmupSeconds: number, durationSeconds: number) =>
    simulatePlacement(cluster, chain, {
      engine,
      seed: 5,
      begins,
      warmupSeconds,
      durationSeconds,
    }).result;

  test("a run that begins full shows at once what one that began empty shows later", () => {
    const later = run("empty", 600, 600);
    const soon = run("full", 10, 150);
    expect(later.decodeTokensPerSecond).toBeGreaterThan(0);
    expect(Math.abs(soon.decodeTokensPerSecond - later.decodeTokensPerSecond)).toBeLessThan(
      0.02 * later.decodeTokensPerSecond,
    );
    expect(soon.meanInFlight / later.meanInFlight).toBeCloseTo(1, 1);
    expect(soon.nodes.every(({ kvPeak }) => kvPeak <= 1 + 1e-9)).toBe(true);
  });
});
