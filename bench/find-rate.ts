/**
 * Whether `--find-rate` finds what a fine grid of single runs finds: random fleets under several engines are planned,
 * limits are set to some times what a light load takes, and every rate of the grid is run with three seeds of its own that the
 * search has not seen; where their figures cross the limits, by a line through all of them, is the grid's answer.
 *   node build/bench/find-rate.js [--seeds 1-10] [--most 4] [--warmup 300] [--duration 1500] [--step 0.015] [--tokens 6e6]
 */
import { parseArgs } from "node:util";
import { loadCluster, plan } from "../src/index.js";
import { chooseLengths } from "../src/model/choose-lengths.js";
import { findRate } from "../src/serving/served/find-rate.js";
import { queueGrowth } from "../src/serving/simulate/queue-growth.js";
import type { ServiceLimits } from "../src/serving/served/limits.js";
import {
  simulatePlacement,
  type SimulationReport,
} from "../src/serving/simulate/simulate-placement.js";
import { limitsOf, type RunAt } from "./limits-of.js";
import { randomFleet } from "./random-fleets.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1-10" },
    most: { type: "string", default: "4" },
    warmup: { type: "string", default: "300" },
    duration: { type: "string", default: "1500" },
    step: { type: "string", default: "0.015" },
    /** Decode tokens of a run at full load, at most: such runs are shorter. */
    tokens: { type: "string", default: "6e6" },
  },
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "tensorrt-llm", "helix"] as const;
/** Runs at a rate, each with a seed of its own that the search has not seen: one seed is as busy at every rate. */
const GRID_RUNS = 3;
const GRID_SEED = 501;
const SPAN = 0.075;

/** ln of a run's figure over its limit, of the limit nearest to being broken. */
function overOf({ result }: SimulationReport, limits: ServiceLimits): number {
  const overs = [
    [result.timeToFirstToken, limits.maxTimeToFirstToken] as const,
    [result.timePerOutputToken, limits.maxTimePerOutputToken] as const,
  ].map(([figure, most = Infinity]) => Math.log(figure[limits.statistic] / most));
  return Math.max(...overs);
}

/** Of a run over or under a limit, so much counts, as a logarithm: figures bend where queues begin. */
const MOST_OVER = 0.3;

/**
 * The rate at which single runs keep the limits as often as not: by least squares through the grid, of what is asked for and not of what
 * arrives, and once more through its rates within half of its span of that; or halfway to where most queues grow at every rate from there on.
 * No more than is served at full load: a queue that grows by a few percent of what arrives is taken for chance in a single run.
 */
function edgeOf(run: RunAt, limits: ServiceLimits, around: number): number {
  const step = Number(values.step);
  const shares: number[] = [];
  for (let share = 1 - SPAN; share < 1 + SPAN; share += step) shares.push(share);
  let seed = GRID_SEED;
  const rows = shares.map((share) =>
    Array.from({ length: GRID_RUNS }, () => run(share * around, seed++)),
  );
  const points = rows.flatMap((reports, at) =>
    reports.map((report) => {
      const over = Math.max(-MOST_OVER, Math.min(MOST_OVER, overOf(report, limits)));
      return [shares[at]!, over] as const;
    }),
  );
  const first = crossing(points);
  const again = crossing(points.filter(([share]) => Math.abs(share - first) <= SPAN / 2));
  // A few rates that are noise make no line.
  const line = Math.abs(again - first) <= SPAN / 2 ? again : first;
  const keepsUp = rows.findLastIndex(
    (reports) =>
      2 * reports.filter(({ result }) => queueGrowth(result) > 0).length < reports.length,
  );
  const grows = keepsUp === rows.length - 1 ? Infinity : shares[keepsUp + 1]! - step / 2;
  const { decodeTokensPerSecond, promptTokensPerSecond } = run(undefined, seed).result;
  return Math.min(Math.min(line, grows) * around, decodeTokensPerSecond + promptTokensPerSecond);
}

/** Where the line through points is 0; Infinity where it does not rise. */
function crossing(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([at]) => at), mean(([, over]) => over)];
  const slope = mean(([at, over]) => (at - x) * (over - y)) / mean(([at]) => (at - x) ** 2);
  return slope > 0 ? x - y / slope : Infinity;
}

const [first, last = first] = values.seeds.split("-").map(Number);
for (let seed = first!; seed <= last!; seed += 1) {
  const engine = ENGINES[seed % ENGINES.length]!;
  const fleet = randomFleet(seed, { mostMachines: Number(values.most) });
  const { cluster: whole } = loadCluster("fleet", JSON.stringify({ ...fleet, engine }));
  const outcome = await plan(whole, { iterationLimit: 1, timeLimitSeconds: 20, threads: 0 });
  if (outcome.kind !== "planned") {
    console.log(`${seed} ${engine}: ${outcome.kind}`);
    continue;
  }
  const { cluster, placement } = outcome;
  const wanted = Number(values.warmup) + Number(values.duration);
  const decodes = outcome.file.served?.decodeTokensPerSecond ?? outcome.file.throughput / 4;
  const share = Math.min(1, Number(values.tokens) / (decodes * wanted));
  const window = {
    warmupSeconds: share * Number(values.warmup),
    durationSeconds: share * Number(values.duration),
  };
  let runs = 0;
  const run: RunAt = (rate, by) => {
    runs += 1;
    const online = rate === undefined ? {} : { tokensPerSecond: rate };
    return simulatePlacement(cluster, placement, { ...window, seed: by, ...online });
  };
  const { meanPromptTokens, meanOutputTokens } = chooseLengths(cluster.workload);
  const tokensPerRequest = meanPromptTokens + meanOutputTokens;
  const limits = limitsOf(run, seed);
  runs = 0;
  const begun = performance.now();
  const found = await findRate(async (rate, by) => run(rate, by), limits, {
    seed: 1,
    tokensPerRequest,
  });
  const took = (performance.now() - begun) / 1000;
  const searched = runs;
  const best = edgeOf(run, limits, found.tokensPerSecond);
  const off = best === 0 ? NaN : found.tokensPerSecond / best - 1;
  console.log(
    `${seed} ${engine}, ${cluster.nodes.length} machines, ${JSON.stringify(limits)}: found ${found.tokensPerSecond.toFixed(1)} ± ${found.uncertainty.toFixed(1)} (${searched} runs, ${took.toFixed(1)} s), kept by ${found.kept} of ${found.seeds}, grid ${best.toFixed(1)}: ${(100 * off).toFixed(1)} %`,
  );
}
