import { expect, test } from "vitest";
import {
  createChainRates,
  createTrialMemory,
  type ChainTrial,
} from "../../../src/serving/served/chains/chain-rates.js";
import { serveChains } from "../../../src/serving/served/chains/serve-chains.js";
import { placeChains } from "../../../src/serving/served/chains/place-chains.js";
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

const rateOf = ({ served }: ChainTrial): number => served.decodeTokensPerSecond;

test("a chain that another search has tried is not tried again", () => {
  const { cluster, chains, engine } = copies(2);
  const memory = createTrialMemory(cluster, engine);
  const lengths = chooseLengths(cluster.workload);
  const first = createChainRates(cluster, engine, lengths, { seed: 1, memory }).of(chains[0]!);
  expect([...memory.known.values()].map(rateOf)).toEqual([first]);
  // What is known is believed, by whoever asks next.
  const [[key, trial]] = [...memory.known] as [[string, ChainTrial]];
  memory.known.set(key, { ...trial, served: { ...trial.served, decodeTokensPerSecond: 17 } });
  expect(createChainRates(cluster, engine, lengths, { seed: 2, memory }).of(chains[1]!)).toBe(17);
});

test("without time for a last run the trials' figures stand, and are said to be theirs", () => {
  const { cluster, chains, engine } = copies(3);
  const rates = createChainRates(cluster, engine, chooseLengths(cluster.workload), { seed: 1 });
  const tried = rates.of(chains[0]!);
  const problem = problemFor(cluster, {});
  const within = (seconds: number) =>
    serveChains(problem, placeChains(cluster, chains), chains, engine, {
      seed: 5,
      asked: {},
      time: { left: () => seconds, pace: 1e6, trialOf: rates.trialOf },
    });
  const none = within(0);
  expect(none.fromTrials).toBe(1);
  expect(none.decodeTokensPerSecond).toBeCloseTo(3 * tried, 6);
  // A run of a second begins full and has seen no request go: it showed a fifth more.
  const hardly = within(0.4);
  expect(hardly.fromTrials).toBe(1);
  expect(hardly.decodeTokensPerSecond).toBeCloseTo(3 * tried, 6);
  const enough = within(60);
  expect(enough.fromTrials).toBeUndefined();
  expect(enough.uncertainty / enough.decodeTokensPerSecond).toBeLessThan(0.05);
});

test("what is left of the time goes to runs of the chains there are most of", () => {
  const { cluster, chains, engine } = copies(4);
  const rates = createChainRates(cluster, engine, chooseLengths(cluster.workload), { seed: 1 });
  const half = cluster.model.layers / 2;
  const pair = {
    nodes: [2, 3],
    layers: [[0, half] as const, [half, cluster.model.layers] as const],
  };
  const all = [...chains.slice(0, 2), pair];
  const [alone, together] = [rates.of(chains[0]!), rates.of(pair)];
  // Too little for all of them together, enough for the first kind, and then nothing is left.
  const lefts = [0, 60, 60];
  const time = { left: () => lefts.shift() ?? 0, pace: 2e6, trialOf: rates.trialOf };
  const run = { seed: 5, asked: {}, time };
  const problem = problemFor(cluster, {});
  const served = serveChains(problem, placeChains(cluster, all), all, engine, run);
  const share = together / (2 * alone + together);
  expect(served.fromTrials).toBeCloseTo(share, 1);
});
