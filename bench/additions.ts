/**
 * Whether one machine more ever lowers what is served: a random fleet is planned without its last machine and with it, and
 * both plans are run with seeds that no planning has seen. Lower counts when it is by more than runs of one
 * plan differ by their seeds.
 *   node build/bench/additions.js [--seeds 1-200] [--most 8] [--iterations 1] [--limit 20]
 */
import { parseArgs } from "node:util";
import { loadCluster, plan } from "../src/index.js";
import { median } from "./median.js";
import { randomFleet } from "./random-fleets.js";
import { runOf, serveFleet } from "./serve-plan.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1-200" },
    most: { type: "string", default: "8" },
    iterations: { type: "string", default: "1" },
    /** Seconds of a plan, besides its iterations. */
    limit: { type: "string", default: "20" },
    tokens: { type: "string", default: "1.5e6" },
  },
});
const ENGINES = ["vllm", "sglang", "llama.cpp", "tensorrt-llm"] as const;
/** What runs of one plan with other seeds differ by, at least. */
const LEAST_NOISE = 0.01;

interface Fleet {
  readonly nodes: readonly { readonly machine: string }[];
}

interface Served {
  readonly mean: number;
  /** Half of what the runs differ by, as a share. */
  readonly noise: number;
  readonly said: number;
}

async function serve(file: object): Promise<Served> {
  const { cluster: whole } = loadCluster("fleet", JSON.stringify(file));
  const outcome = await plan(whole, {
    iterationLimit: Number(values.iterations),
    timeLimitSeconds: Number(values.limit),
    threads: 0,
  });
  if (outcome.kind !== "planned") return { mean: 0, noise: 0, said: 0 };
  const run = runOf(outcome.cluster, outcome.placement);
  const [one, other] = serveFleet(run, Number(values.tokens));
  const mean = (one! + other!) / 2;
  const said = outcome.file.served?.decodeTokensPerSecond ?? NaN;
  return { mean, noise: mean === 0 ? 0 : Math.abs(one! - other!) / (2 * mean), said };
}

const [first, last = first] = values.seeds.split("-").map(Number);
const ratios: number[] = [];
let lower = 0;
for (let seed = first!; seed <= last!; seed += 1) {
  const engine = ENGINES[seed % ENGINES.length]!;
  const fleet = randomFleet(seed, { mostMachines: Number(values.most) }) as Fleet;
  const file = { ...fleet, engine };
  const added = file.nodes.at(-1)!;
  const before = await serve({ ...file, nodes: file.nodes.slice(0, -1) });
  const after = await serve(file);
  if (before.mean === 0 && after.mean === 0) continue;
  const ratio = before.mean === 0 ? Infinity : after.mean / before.mean;
  const noise = Math.max(LEAST_NOISE, before.noise + after.noise);
  const isLower = ratio < 1 - noise;
  if (isLower) lower += 1;
  ratios.push(ratio);
  console.log(
    `fleet ${seed} ${engine}: ${file.nodes.length} machines with the ${added.machine}: ${before.mean.toFixed(1)} (said ${before.said.toFixed(1)}) to ` +
      `${after.mean.toFixed(1)} (said ${after.said.toFixed(1)}), ratio ${ratio.toFixed(4)}, noise ${(100 * noise).toFixed(1)} %${isLower ? ", LOWER" : ""}`,
  );
}
const spread =
  ratios.length === 0
    ? "none of these fleets holds its model"
    : `ratio min ${Math.min(...ratios).toFixed(4)}, median ${median(ratios.map((each) => Math.min(each, 100))).toFixed(4)}`;
console.log(
  `${ratios.length} additions: ${lower} lower what is served by more than noise; ${spread}`,
);
process.exitCode = lower > 0 ? 1 : 0;
