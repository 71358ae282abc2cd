/**
 * Whether `--find-rate` finds what a fine grid of single runs finds: random fleets under several engines are planned,
 * limits are set to some times what a light load takes, and every rate of the grid is run with three seeds that the
 * search has not seen; the median of where they stop keeping the limits is the grid's answer.
 *   node build/bench/find-rate.js [--seeds 1-10] [--most 4] [--warmup 300] [--duration 1500] [--step 0.015] [--tokens 6e6]
 */
import { parseArgs } from "node:util";
import { loadCluster, plan } from "../src/index.js";
import { findRate, keepsLimits } from "../src/serving/served/find-rate.js";
import type { ServiceLimits } from "../src/serving/served/limits.js";
import {
  simulatePlacement,
  type SimulationReport,
} from "../src/serving/simulate/simulate-placement.js";
import { median } from "./median.js";
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
/** Limits in times of what a twentieth of full load takes: TTFT, TPOT. */
const TIMES = [
  [undefined, 1.5],
  [2, undefined],
  [3, 3],
  [undefined, 6],
  [4, 1.3],
] as const;
const LIGHT = 0.05;
/** Seeds that the search has not seen. */
const GRID_SEEDS = [501, 502, 503];
const SPAN = 0.075;

type RunAt = (rate: number | undefined, seed: number) => SimulationReport;

function limitsOf(run: RunAt, seed: number): ServiceLimits {
  const { result: full } = run(undefined, 1);
  const all = full.decodeTokensPerSecond + full.promptTokensPerSecond;
  const statistic = seed % 2 === 0 ? "p95" : "mean";
  const { timeToFirstToken, timePerOutputToken } = run(LIGHT * all, 1).result;
  const [ttft, tpot] = TIMES[seed % TIMES.length]!;
  const some = (times: number | undefined, base: number) =>
    times === undefined ? undefined : Number((times * base).toPrecision(2));
  const maxTimeToFirstToken = some(ttft, timeToFirstToken[statistic]);
  const maxTimePerOutputToken = some(tpot, timePerOutputToken[statistic]);
  return {
    statistic,
    ...(maxTimeToFirstToken === undefined ? {} : { maxTimeToFirstToken }),
    ...(maxTimePerOutputToken === undefined ? {} : { maxTimePerOutputToken }),
  };
}

/**
 * The rate up to which a seed keeps the limits, by how many rates of the grid it keeps: the first that it does not is too
 * low, as chance makes one of many rates fail.
 */
function edgeOf(run: RunAt, limits: ServiceLimits, around: number, seed: number): number {
  const step = Number(values.step);
  let kept = 0;
  for (let share = 1 - SPAN; share < 1 + SPAN; share += step) {
    if (keepsLimits(run(share * around, seed), limits)) kept += 1;
  }
  return (1 - SPAN + (kept - 0.5) * step) * around;
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
  const limits = limitsOf(run, seed);
  runs = 0;
  const begun = performance.now();
  const found = await findRate(async (rate, by) => run(rate, by), limits, 1);
  const took = (performance.now() - begun) / 1000;
  const searched = runs;
  const edges = GRID_SEEDS.map((by) => edgeOf(run, limits, found.tokensPerSecond, by));
  const best = median(edges);
  const off = best === 0 ? NaN : found.tokensPerSecond / best - 1;
  console.log(
    `${seed} ${engine}, ${cluster.nodes.length} machines, ${JSON.stringify(limits)}: found ${found.tokensPerSecond.toFixed(1)} (${searched} runs, ${took.toFixed(1)} s), grid ${edges.map((edge) => edge.toFixed(1)).join(", ")}: ${(100 * off).toFixed(1)} %`,
  );
}
