import { expect, test } from "vitest";
import { createTrialMemory } from "../../../src/serving/served/chains/chain-rates.js";
import { serveChains } from "../../../src/serving/served/chains/serve-chains.js";
import { placeChains, createChainRates } from "../../../src/serving/served/chains/chain-rates.js";
import { chooseEngine } from "../../../src/engines/choose-engine.js";
import { chooseLengths } from "../../../src/model/choose-lengths.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";

/** So many machines that hold the model alone. */
function copies(count: number) {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "copies",
    model: "llama-3-8b",
    workload: { promptTokens: 700, outputTokens: 300 },
    engine: "vllm",
    machines: { a: { gpu: "L40S", nic: "25 Gb/s" } },
    nodes: [{ id: "a", machine: "a", count, region: "r" }],
    network: { withinRegion: { bandwidth: "25 Gb/s", latency: "0.2 ms" } },
    coordinator: { region: "r" },
  });
  const { engine } = chooseEngine(cluster, {});
  if (engine.batching.kind !== "chain") throw new Error(engine.name);
  const chains = cluster.nodes.map((_, node) => ({
    nodes: [node],
    layers: [[0, cluster.model.layers] as const],
  }));
  return { cluster, chains, engine: { ...engine, batching: engine.batching } };
}

function serve(count: number) {
  const { cluster, chains, engine } = copies(count);
  const problem = problemFor(cluster, {});
  return serveChains(problem, placeChains(cluster, chains), chains, engine, { seed: 5, asked: {} });
}

test(
  "many machines serve as often as much as one, however many they are",
  { timeout: 120_000 },
  () => {
    const one = serve(1);
    const many = serve(400);
    expect(many.decodeTokensPerSecond / (400 * one.decodeTokensPerSecond)).toBeCloseTo(1, 1);
    expect(many.concurrency / (400 * one.concurrency)).toBeCloseTo(1, 1);
    expect(many.timePerOutputToken / one.timePerOutputToken).toBeCloseTo(1, 1);
  },
);

test("a chain that another search has tried is not tried again", () => {
  const { cluster, chains, engine } = copies(2);
  const memory = createTrialMemory(cluster, engine);
  const lengths = chooseLengths(cluster.workload);
  const first = createChainRates(cluster, engine, lengths, { seed: 1, memory }).of(chains[0]!);
  expect([...memory.known.values()].map(({ rate }) => rate)).toEqual([first]);
  // What is known is believed, by whoever asks next.
  memory.known.set([...memory.known.keys()][0]!, { rate: 17, noise: 0 });
  expect(createChainRates(cluster, engine, lengths, { seed: 2, memory }).of(chains[1]!)).toBe(17);
});
