import { createRandom } from "../../../core/random.js";
import { createArrivals } from "../arrivals.js";
import { confidence } from "../confidence.js";
import { createResidents } from "../residents.js";
import type { SimulationResult } from "../result.js";
import type { SimulationInput } from "../simulation-input.js";
import type { Arrival } from "../traffic.js";
import { describeChain, type Chain, type ChainEngine } from "./chain.js";
import { createChainCollector } from "./chain-metrics.js";
import { runChain, type ChainCounts } from "./chain-run.js";
import type { ChainFeed } from "./chain-scheduler.js";

const SAMPLES = 100;

/**
 * Runs the chains of a placement under load, each with a scheduler of its own. Requests that arrive are
 * handed out by the chains' flows (weighted, in turn); offline every chain gets as many as it takes.
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
  const feeds = createFeeds(input, chains, endSeconds);
  const onBatch = input.observer?.batch;
  const watching = onBatch === undefined ? {} : { onBatch };
  const flow = chains.reduce((sum, chain) => sum + chain.flow, 0);
  const specs = chains.map((chain) =>
    describeChain(cluster, placement, { nodes: chain.nodes, share: chain.flow / flow }, engine),
  );
  const tokens = specs.reduce(
    (most, { kvTokens, slots }) => Math.max(most, slots?.tokens ?? kvTokens),
    0,
  );
  const counts = chains.map(({ nodes }, index) => {
    const spec = specs[index]!;
    input.observer?.progress?.((index / chains.length) * endSeconds);
    return runChain(spec, engine.batching, feeds[index]!, collector.forChain(nodes), {
      sampleTimes: collector.sampleTimes,
      untilSeconds: endSeconds,
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
    ...(tokens === Infinity ? {} : { promptLimit: { tokens, by: "kv-cache" } }),
    kvLeft: 0,
    decodeConfidence: confidence(window.samples.map((sample) => sample.decodeTokensPerSecond)),
    events: total((count) => count.batches),
  };
}

function createFeeds(
  input: SimulationInput,
  chains: readonly Chain[],
  endSeconds: number,
): readonly ChainFeed[] {
  const random = createRandom(input.seed);
  const { traffic, lengths } = input;
  if (traffic.kind === "offline") {
    return chains.map(() => {
      const drawNext = lengths.createStream(random.fork());
      const draw = () => {
        drawNext();
        return { promptTokens: lengths.promptTokens, outputTokens: lengths.outputTokens };
      };
      const feed = createEndlessFeed(draw);
      return input.begins === "full"
        ? { ...feed, resident: createResidents(lengths, random.fork()) }
        : feed;
    });
  }
  const all = traffic.kind === "trace" ? traffic.arrivals : drawArrivals(input, random, endSeconds);
  const shares: Arrival[][] = chains.map(() => []);
  const given = new Float64Array(chains.length);
  for (const arrival of all) {
    let next = 0;
    for (let chain = 1; chain < chains.length; chain += 1) {
      if (given[chain]! + 1 / chains[chain]!.flow < given[next]! + 1 / chains[next]!.flow)
        next = chain;
    }
    given[next]! += 1 / chains[next]!.flow;
    shares[next]!.push(arrival);
  }
  return shares.map(createListFeed);
}

function drawArrivals(
  { traffic, lengths }: SimulationInput,
  random: ReturnType<typeof createRandom>,
  endSeconds: number,
): readonly Arrival[] {
  if (traffic.kind !== "online") return [];
  const [ofLengths, ofTimes] = [random.fork(), random.fork()];
  const perRequest = lengths.meanPromptTokens + lengths.meanOutputTokens;
  const next = createArrivals(traffic.tokensPerSecond / perRequest, ofTimes);
  const drawNext = lengths.createStream(ofLengths);
  const arrivals: Arrival[] = [];
  for (let atSeconds = next(); atSeconds < endSeconds; atSeconds = next()) {
    drawNext();
    const { promptTokens, outputTokens } = lengths;
    arrivals.push({ atSeconds, promptTokens, outputTokens });
  }
  return arrivals;
}

function createEndlessFeed(draw: () => Omit<Arrival, "atSeconds">): ChainFeed {
  return {
    take: (now) => ({ atSeconds: now, ...draw() }),
    nextAfter: () => Infinity,
    backlog: () => 0,
    endless: true,
  };
}

/** @param arrivals ascending in time. */
function createListFeed(arrivals: readonly Arrival[]): ChainFeed {
  let taken = 0;
  let come = 0;
  const arriveBy = (now: number): void => {
    come = Math.max(come, taken);
    while (come < arrivals.length && arrivals[come]!.atSeconds <= now) come += 1;
  };
  return {
    take(now) {
      const next = arrivals[taken];
      if (next === undefined || next.atSeconds > now) return undefined;
      taken += 1;
      return next;
    },
    nextAfter(now) {
      arriveBy(now);
      return arrivals[come]?.atSeconds ?? Infinity;
    },
    backlog(now) {
      arriveBy(now);
      return come - taken;
    },
    endless: false,
  };
}
