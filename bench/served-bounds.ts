/**
 * Random placements under random engines and workloads: what is simulated at full load, over the flow of the
 * placement (where nodes are entered in the middle, over the bound of the cluster), and that over the bound of the cluster. No ratio may be
 * above one.
 *   node build/bench/served-bounds.js [COUNT [FIRST_SEED]]
 */
import { createRandom } from "../src/core/random.js";
import type { Cluster } from "../src/core/cluster.js";
import type { Placement } from "../src/core/placement.js";
import { ratesUnder } from "../src/engines/rates-under.js";
import { findEngine } from "../src/engines/engines.js";
import type { EngineName } from "../src/core/engine-choice.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { truncatedSumBound } from "../src/planner/coverings/compute-bounds.js";
import { groupMachines } from "../src/planner/problem/machine-classes.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import {
  simulatePlacement,
  type SimulationReport,
} from "../src/serving/simulate/simulate-placement.js";
import { randomChains, randomFleet, randomIntervals } from "./random-fleets.js";

const ENGINES: readonly EngineName[] = [
  "vllm",
  "sglang",
  "tensorrt-llm",
  "llama.cpp",
  "exo",
  "parallax",
  "petals",
  "helix",
];

const SHORT = { warmupSeconds: 120, durationSeconds: 300 };
const LONG = { warmupSeconds: 3000, durationSeconds: 12_000 };
const [count = 40, first = 1] = process.argv.slice(2).map(Number);
const worst = new Map<EngineName, number[]>();
for (let seed = first; seed < first + count; seed += 1) {
  const random = createRandom(seed);
  const engine = findEngine(ENGINES[random.int(ENGINES.length)]!);
  const models = ["gemma-3-12b", "mixtral-8x7b", "llama-2-13b"];
  const file = randomFleet(seed, { mostMachines: 12, models });
  const cluster = ratesUnder(resolveCluster("fleet", file), engine);
  const chains = engine.placements === "chains";
  const placement = chains ? randomChains(cluster, random) : randomIntervals(cluster, random);
  if (placement === undefined) continue;
  const short = run(cluster, placement, engine.name, seed, SHORT);
  if (short === undefined) continue;
  const { flow } = short;
  const bound = truncatedSumBound(groupMachines(cluster, UNCONSTRAINED), cluster.model.layers);
  const most = engine.placements === "any" ? bound : flow;
  // In a short run requests may be shorter than the mean one: what is above all bounds there runs for longer.
  const again =
    totalOf(short) > most ? run(cluster, placement, engine.name, seed, LONG) : undefined;
  const served = totalOf(again ?? short);
  const ratio = served / most;
  worst.set(engine.name, [...(worst.get(engine.name) ?? []), ratio]);
  if (ratio > 1 || flow > bound)
    console.log(
      `${seed} ${engine.name} ${cluster.model.name} ${cluster.workload.name}: ${served.toFixed(1)} of ${most.toFixed(1)} (${ratio.toFixed(4)}), bound ${bound.toFixed(1)}`,
    );
}
for (const [name, ratios] of worst) {
  const sorted = ratios.toSorted((a, b) => a - b);
  console.log(
    `${name}: ${ratios.length} runs, served over what bounds it at most ${sorted.at(-1)!.toFixed(4)}, median ${sorted[sorted.length >> 1]!.toFixed(3)}`,
  );
}

/** Prompt and decode tokens/s. */
function totalOf({ result }: SimulationReport): number {
  return result.decodeTokensPerSecond + result.promptTokensPerSecond;
}

function run(
  cluster: Cluster,
  placement: Placement,
  engine: EngineName,
  seed: number,
  window: typeof SHORT,
): SimulationReport | undefined {
  const report = simulatePlacement(cluster, placement, {
    engine,
    seed,
    ...window,
    partialInference: findEngine(engine).placements === "any",
    constraints: { ...UNCONSTRAINED, chainsOnly: findEngine(engine).placements === "chains" },
  });
  return report.flow > 0 ? report : undefined;
}
