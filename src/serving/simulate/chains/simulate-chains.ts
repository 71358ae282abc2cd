import { createRandom } from "../../../core/random.js";
import { createArrivals } from "../arrivals.js";
import { decodeInterval } from "../confidence.js";
import { createResidents } from "../residents.js";
import type { SimulationResult } from "../result.js";
import type { SimulationInput } from "../simulation-input.js";
import { createTelling } from "../telling.js";
import type { Arrival } from "../traffic.js";
import { describeChains, type Chain, type ChainEngine, type ChainSpec } from "./chain.js";
import { createEndlessFeed, handOut } from "./chain-feeds.js";
import { createChainCollector } from "./chain-metrics.js";
import { runChain, type ChainCounts } from "./chain-run.js";
import { weighChains } from "./weigh-chains.js";
import type { ChainFeed } from "./chain-scheduler.js";

const SAMPLES = 100;

/**
 * Runs the chains of a placement under load, each with a scheduler of its own. Requests that arrive are
 * handed out by what the chains serve (weighted, in turn); offline every chain gets as many as it takes.
 * Chains share no node, so each is run by itself. The result is a function of the input, seed included.
 * O(tokens made + batches · stages).
 */
export function simulateChains(
  input: SimulationInput,
  chains: readonly Chain[],
  engine: ChainEngine,
): SimulationResult {
  const { cluster, placement } = input;
  const collector = createChainCollector(input.warmupSeconds, input.durationSeconds, SAMPLES);
  const endSeconds = input.warmupSeconds + input.durationSeconds;
  const onBatch = input.observer?.batch;
  const watching = onBatch === undefined ? {} : { onBatch };
  const tell = createTelling(input.observer?.progress, endSeconds);
  const specs = describeChains(cluster, placement, chains, engine);
  const feeds = createFeeds(input, { chains, specs, engine }, endSeconds);
  const tokens = specs.reduce(
    (most, { kvTokens, slots }) => Math.max(most, slots?.tokens ?? kvTokens),
    0,
  );
  const inSlots = specs.some(({ slots }) => slots !== undefined);
  const counts = chains.map(({ nodes }, index) => {
    const spec = specs[index]!;
    return runChain(spec, engine.batching, feeds[index]!, collector.forChain(nodes), {
      sampleTimes: collector.sampleTimes,
      untilSeconds: endSeconds,
      tell: (now) =>
        tell(Number.isFinite(endSeconds) ? (index * endSeconds + now) / chains.length : now),
      ...watching,
    });
  });
  const lastSeconds = Math.max(...counts.map((count) => count.endSeconds));
  const window = collector.close(Number.isFinite(endSeconds) ? endSeconds : lastSeconds);
  const total = (of: (count: ChainCounts) => number): number =>
    counts.reduce((sum, count) => sum + of(count), 0);
  return {
    ...window,
    requests: {
      arrived: total((count) => count.arrived),
      finished: total((count) => count.finished),
      rejected: total((count) => count.rejected),
      inFlight: total((count) => count.inFlight),
      waiting: total((count) => count.waiting),
      preemptions: total((count) => count.preemptions),
      refusals: 0,
    },
    ...(tokens === Infinity
      ? {}
      : { promptLimit: { tokens, by: inSlots ? "own-slot" : "kv-cache" } }),
    kvLeft: 0,
    decodeConfidence: decodeInterval(window),
    events: total((count) => count.batches),
  };
}

interface Described {
  readonly chains: readonly Chain[];
  readonly specs: readonly ChainSpec[];
  readonly engine: ChainEngine;
}

function createFeeds(
  input: SimulationInput,
  { chains, specs, engine }: Described,
  endSeconds: number,
): readonly ChainFeed[] {
  const random = createRandom(input.seed);
  const { traffic, lengths } = input;
  if (traffic.kind === "offline") {
    return specs.map(() => {
      const feed = createEndlessFeed(lengths, random.fork());
      return input.begins === "full"
        ? { ...feed, resident: createResidents(lengths, random.fork()) }
        : feed;
    });
  }
  const all = traffic.kind === "trace" ? traffic.arrivals : drawArrivals(input, random, endSeconds);
  return handOut(all, weighChains(input, chains, specs, engine));
}

function drawArrivals(
  { traffic, lengths }: SimulationInput,
  random: ReturnType<typeof createRandom>,
  endSeconds: number,
): readonly Arrival[] {
  if (traffic.kind !== "online") return [];
  const [ofLengths, ofTimes] = [random.fork(), random.fork()];
  const perRequest = lengths.meanPromptTokens + lengths.meanOutputTokens;
  const next = createArrivals(traffic.tokensPerSecond / perRequest, ofTimes, endSeconds);
  const drawNext = lengths.createStream(ofLengths);
  const arrivals: Arrival[] = [];
  for (let atSeconds = next(); atSeconds < endSeconds; atSeconds = next()) {
    drawNext();
    const { promptTokens, outputTokens } = lengths;
    arrivals.push({ atSeconds, promptTokens, outputTokens });
  }
  return arrivals;
}
