/**
 * Whether plans within limits on latency keep them at the rate that they promise: random fleets under several engines, limits in times of
 * what a light load takes, and three runs with seeds that no plan has seen.
 *   node build/bench/promised-rates.js [--seeds 1-10] [--most 4] [--limit 10] [--duration 1500] [--tokens 6e6] [--stays 3]
 */
import { parseArgs } from "node:util";
import { loadCluster, plan, type PlanOutcome } from "../src/index.js";
import { constraintsOf } from "../src/planner/result/constraints-of.js";
import { missesBy } from "../src/serving/served/find-rate.js";
import { simulatePlacement } from "../src/serving/simulate/simulate-placement.js";
import { meanRequest } from "../src/model/choose-lengths.js";
import { limitsOf, type RunAt } from "./limits-of.js";
import { randomFleet } from "./random-fleets.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1-10" },
    most: { type: "string", default: "4" },
    /** Seconds of a plan. */
    limit: { type: "string", default: "10" },
    duration: { type: "string", default: "1500" },
    /** Decode tokens of a run, at most: such runs are shorter. */
    tokens: { type: "string", default: "6e6" },
    /** Of a request, that the fresh runs warm up at least, up to the 300 s of `simulate --rate`: a run that begins empty fills, and no queue grows. */
    stays: { type: "string", default: "0" },
  },
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "tensorrt-llm"] as const;
const WARMUP = { share: 0.2, mostSeconds: 300 };
const FRESH_SEEDS = [9001, 9002, 9003];

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** Runs so long, or until so many decode tokens are made at the rate that is known. */
function runsOf({ cluster, placement, file }: Planned, decodes: number) {
  const { partialInference = true } = file;
  const constraints = constraintsOf(cluster, file);
  const batchTokens = file.engineSettings?.batchTokens;
  const seconds = Math.min(Number(values.duration), Number(values.tokens) / decodes);
  const { timeToFirstToken = 0, timePerOutputToken = 0 } = file.served ?? {};
  const stay = timeToFirstToken + meanRequest(cluster.workload).outputTokens * timePerOutputToken;
  const filled = Math.min(WARMUP.mostSeconds, Number(values.stays) * stay);
  const window = {
    warmupSeconds: Math.max(WARMUP.share * seconds, filled),
    durationSeconds: seconds,
  };
  const step = batchTokens === undefined ? {} : { batchTokens };
  return ((rate, seed) => {
    const online = rate === undefined ? {} : { tokensPerSecond: rate };
    const asked = { ...window, ...step, ...online, partialInference, constraints, seed };
    return simulatePlacement(cluster, placement, asked);
  }) satisfies RunAt;
}

let [kept, rows] = [0, 0];
const [first, last = first] = values.seeds.split("-").map(Number);
for (let seed = first!; seed <= last!; seed += 1) {
  const engine = ENGINES[seed % ENGINES.length]!;
  const fleet = randomFleet(seed, { mostMachines: Number(values.most) });
  const { cluster: whole } = loadCluster("fleet", JSON.stringify({ ...fleet, engine }));
  const light = await plan(whole, { iterationLimit: 1, timeLimitSeconds: 20, threads: 0 });
  if (light.kind !== "planned") {
    console.log(`${seed} ${engine}: ${light.kind}`);
    continue;
  }
  const decodes = light.file.served?.decodeTokensPerSecond ?? light.file.throughput / 4;
  const limits = limitsOf(runsOf(light, decodes), seed);
  const asked = { objective: "goodput", limits, timeLimitSeconds: Number(values.limit) } as const;
  const outcome = await plan(whole, asked);
  const at = outcome.kind === "planned" ? outcome.file.served?.at : undefined;
  if (outcome.kind !== "planned" || at === undefined || at === "saturation") {
    console.log(`${seed} ${engine}, ${JSON.stringify(limits)}: ${outcome.kind}`);
    continue;
  }
  const run = runsOf(outcome, outcome.file.served!.decodeTokensPerSecond);
  const misses = FRESH_SEEDS.map((own) => missesBy(run(at.rate, own), limits));
  const keeping = misses.filter((miss) => miss === 0).length;
  rows += 1;
  if (keeping === FRESH_SEEDS.length) kept += 1;
  const worst = Math.expm1(Math.max(...misses));
  console.log(
    `${seed} ${engine}, ${whole.nodes.length} machines, ${JSON.stringify(limits)}: ${at.rate.toFixed(1)} promised, kept by ${keeping} of 3${worst > 0 ? `, worst ${(100 * worst).toFixed(1)} % over` : ""}`,
  );
}
console.log(`${kept} of ${rows} promises are kept by all three runs`);
