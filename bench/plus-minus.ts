/**
 * How often what long runs show lies within the 95 % interval that one run prints: decode tokens/s, and mean and p95 latencies. Random fleets under
 * several engines, at full load (begun empty as by `simulate`, begun full as by a plan) and at rates.
 *   node build/bench/plus-minus.js [--fleets 2-13] [--loads empty,full,0.6,0.9] [--seeds 20] [--stays 12]
 */
import { parseArgs } from "node:util";
import { loadCluster, plan } from "../src/index.js";
import { constraintsOf } from "../src/planner/result/constraints-of.js";
import { trialNoise } from "../src/serving/served/chains/trial-noise.js";
import { simulatePlacement } from "../src/serving/simulate/simulate-placement.js";
import type { SimulationResult } from "../src/serving/simulate/result.js";
import type { Interval, SpannedDistribution } from "../src/serving/simulate/spanned-histogram.js";
import { printTable } from "./print-table.js";
import { randomFleet } from "./random-fleets.js";

const { values } = parseArgs({
  options: {
    fleets: { type: "string", default: "2-13" },
    loads: { type: "string", default: "empty,full,0.6,0.9" },
    seeds: { type: "string", default: "20" },
    /** Of a request in the window of a run. */
    stays: { type: "string", default: "12" },
  },
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "tensorrt-llm", "parallax", "helix"] as const;
const LEAST_SECONDS = 60;
const WARMUP_STAYS = 4;
const FIRST_SEED = 101;
/** Runs that stand for the truth, how many times as long, and their first seed. */
const LONG = { runs: 3, times: 5, seed: 5000 };

type Run = (seed: number, times: number) => SimulationResult;

/** Of so many runs: those within their interval, and the intervals' half-widths as shares. */
interface Tally {
  runs: number;
  readonly within: Record<string, number>;
  half: number;
}

const FIGURES = ["decode", "ten batches", "TTFT mean", "TTFT p95", "TPOT mean", "TPOT p95"];
const tallies = new Map<string, Tally>();

function check(
  name: string,
  results: readonly SimulationResult[],
  long: readonly SimulationResult[],
): void {
  const truth = (of: (result: SimulationResult) => number): number =>
    long.reduce((sum, result) => sum + of(result) / long.length, 0);
  const decode = truth((result) => result.decodeTokensPerSecond);
  const tally = tallies.get(name) ?? { runs: 0, within: {}, half: 0 };
  tallies.set(name, tally);
  const count = (figure: string, within: boolean): void => {
    tally.within[figure] = (tally.within[figure] ?? 0) + Number(within);
  };
  const holds = (interval: Interval | undefined, value: number): boolean =>
    interval === undefined || (value >= interval.from && value <= (interval.to ?? Infinity));
  const latencies: readonly (readonly [
    string,
    (result: SimulationResult) => SpannedDistribution,
  ])[] = [
    ["TTFT", (result) => result.timeToFirstToken],
    ["TPOT", (result) => result.timePerOutputToken],
  ];
  for (const result of results) {
    const off = Math.abs(result.decodeTokensPerSecond - decode);
    tally.runs += 1;
    tally.half += result.decodeConfidence / decode;
    count("decode", off <= result.decodeConfidence);
    count("ten batches", off <= trialNoise(result));
    for (const [title, of] of latencies) {
      const { meanInterval, p95Interval } = of(result);
      count(
        `${title} mean`,
        holds(
          meanInterval,
          truth((one) => of(one).mean),
        ),
      );
      count(
        `${title} p95`,
        holds(
          p95Interval,
          truth((one) => of(one).p95),
        ),
      );
    }
  }
}

async function tryFleet(fleet: number): Promise<void> {
  const engine = ENGINES[fleet % ENGINES.length]!;
  const text = JSON.stringify({ ...randomFleet(fleet, { mostMachines: 4 }), engine });
  const { cluster: whole } = loadCluster("fleet", text);
  const planned = await plan(whole, { iterationLimit: 1, timeLimitSeconds: 20, threads: 0 });
  if (planned.kind !== "planned") return console.log(`${fleet} ${engine}: ${planned.kind}`);
  const { cluster, placement, file } = planned;
  const { partialInference = true } = file;
  const own = { partialInference, constraints: constraintsOf(cluster, file) };
  const probe = simulatePlacement(cluster, placement, {
    ...own,
    begins: "full",
    warmupSeconds: 60,
    durationSeconds: 100,
  }).result;
  const served = probe.decodeTokensPerSecond + probe.promptTokensPerSecond;
  const stay = (100 * probe.meanInFlight) / Math.max(1, probe.timeToFirstToken.count);
  const seconds = Math.max(LEAST_SECONDS, Number(values.stays) * stay);
  const warmupSeconds = Math.max(LEAST_SECONDS / 2, WARMUP_STAYS * stay);
  for (const load of values.loads.split(",")) {
    const share = Number(load);
    const asked = Number.isNaN(share) ? {} : { tokensPerSecond: share * served };
    const run =
      (begins: "empty" | "full"): Run =>
      (seed, times) =>
        simulatePlacement(cluster, placement, {
          ...own,
          ...asked,
          begins,
          seed,
          warmupSeconds: warmupSeconds / (begins === "full" ? 2 : 1),
          durationSeconds: times * seconds,
        }).result;
    const list = (length: number, first: number, of: (seed: number) => SimulationResult) =>
      Array.from({ length }, (_, at) => of(first + at));
    const long = list(LONG.runs, LONG.seed, (seed) => run("empty")(seed, LONG.times));
    const begins = load === "full" ? "full" : "empty";
    const results = list(Number(values.seeds), FIRST_SEED, (seed) => run(begins)(seed, 1));
    for (const name of [`${fleet} ${engine} ${load}`, `all ${load}`, "all"])
      check(name, results, long);
  }
}

const [first, last = first] = values.fleets.split("-").map(Number);
for (let fleet = first!; fleet <= last!; fleet += 1) await tryFleet(fleet);
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
printTable(
  ["runs", "", "half ±", ...FIGURES].map((title) => ({ title })),
  [...tallies].map(([name, { runs, within, half }]) => [
    name,
    String(runs),
    `${((100 * half) / runs).toFixed(2)} %`,
    ...FIGURES.map((figure) => percent((within[figure] ?? 0) / runs)),
  ]),
);
