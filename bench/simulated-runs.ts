/**
 * The simulator against whole serving runs that nobody here made, each under the row's own engine, load and
 * lengths: `node build/bench/simulated-runs.js FOLDER [MODELS] [EVERY]`. FOLDER holds serving.csv, MODELS folders
 * owner--name with config.json; EVERY takes each n-th row. Printed is the half of the rows that nothing was
 * fitted on. Measured throughput follows from the times: requests · tokens / (first token + the rest).
 */
import type { EngineName } from "../src/core/engine-choice.js";
import type { Cluster } from "../src/core/cluster.js";
import { chooseEngine } from "../src/engines/choose-engine.js";
import { resolveCluster } from "../src/formats/resolve-cluster.js";
import { describeChains } from "../src/serving/simulate/chains/chain.js";
import { createChainCollector } from "../src/serving/simulate/chains/chain-metrics.js";
import { runChain } from "../src/serving/simulate/chains/chain-run.js";
import type { ChainFeed } from "../src/serving/simulate/chains/chain-scheduler.js";
import { estimateRun, measuredRuns, type MeasuredRun } from "./measured-kinds.js";
import { median } from "./median.js";

const NAMES: Readonly<Record<string, EngineName>> = {
  vllm: "vllm",
  sglang: "sglang",
  trtllm: "tensorrt-llm",
};
/** vLLM's default on cards of this size; the other engines' own are in their files. */
const LARGE_CARD_BATCH = 8192;
/** Mean requests that pass before the clock starts, and while it runs. */
const WARM = 1.5;
const LONG = 3;

interface Simulated {
  readonly run: MeasuredRun;
  readonly perToken: readonly [measured: number, simulated: number];
  readonly output: readonly [measured: number, simulated: number];
}

const [folder, modelsFolder, everyText = "1"] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder with serving.csv");
const every = Number(everyText);

const done = measuredRuns(folder, modelsFolder)
  .filter(({ row }) => !row.fitted && NAMES[row.text.engine!] !== undefined)
  .filter((_, index) => index % every === 0)
  .flatMap((run) => simulate(run) ?? []);
for (const [title, keyOf] of [
  ["engine", ({ row }: MeasuredRun) => row.text.engine!],
  [
    "engine and version",
    ({ row }: MeasuredRun) => `${row.text.engine!} ${row.text.engineVersion!}`,
  ],
  ["engine and model", ({ row }: MeasuredRun) => `${row.text.engine!} ${row.text.model!}`],
  ["concurrency", ({ row }: MeasuredRun) => row.text.concurrency!.padStart(4)],
  ["prompt tokens", ({ row }: MeasuredRun) => row.text.promptTokens!.padStart(6)],
  ["card", ({ group }: MeasuredRun) => group.gpu.name],
  ["all", () => "all"],
] as const)
  printTable(title, keyOf);

/** One machine that holds the whole model, and clients that keep so many requests under way. */
function simulate(run: MeasuredRun): Simulated | undefined {
  const { row, group, model } = run;
  const [promptTokens, outputTokens, concurrency] = (
    ["promptTokens", "outputTokens", "concurrency"] as const
  ).map((column) => row.number(column)) as [number, number, number];
  const name = NAMES[row.text.engine!]!;
  const file = {
    format: "helix-place/cluster@1",
    name: "run",
    model: { config: "config.json" },
    workload: { promptTokens, outputTokens },
    machines: { m: { gpu: group.gpu.name, gpus: group.gpus, interconnect: group.interconnect } },
    nodes: [{ id: "m", machine: "m" }],
    network: { withinRegion: { bandwidth: "100 Gb/s" } },
  };
  const asked = {
    name,
    version: row.text.engineVersion!,
    from: "measured",
    maxSequences: concurrency,
    ...(name === "vllm" ? { batchTokens: LARGE_CARD_BATCH } : {}),
  };
  let cluster: Cluster;
  try {
    cluster = resolveCluster("run", file, model, asked);
  } catch {
    return undefined;
  }
  const { engine } = chooseEngine(cluster, {});
  const { maxLayers } = cluster.machines[0]!.capacity;
  if (cluster.parting !== undefined || maxLayers < model.layers || engine.batching.kind !== "chain")
    return undefined;
  const [measuredFirst, measured] = [row.number("ttftMs") / 1e3, row.number("tpotMs") / 1e3];
  const guess = estimateRun(run);
  const seconds = guess.firstTokenSeconds + outputTokens * guess.perTokenSeconds;
  const [from, long] = [WARM * seconds, LONG * seconds];
  const chain = { nodes: [0], flow: 1 };
  const { batching, overhead } = engine;
  const [spec] = describeChains(cluster, [[0, model.layers]], [chain], { batching, overhead });
  const collector = createChainCollector(from, long, 1);
  runChain(spec!, batching, endless(promptTokens, outputTokens), collector.forChain([0]), {
    sampleTimes: collector.sampleTimes,
    untilSeconds: from + long,
  });
  const { timePerOutputToken, decodeTokensPerSecond } = collector.close(from + long);
  if (!(decodeTokensPerSecond > 0)) return undefined;
  const whole = measuredFirst + (outputTokens - 1) * measured;
  return {
    run,
    perToken: [measured, timePerOutputToken.mean],
    output: [(concurrency * outputTokens) / whole, decodeTokensPerSecond],
  };
}

function endless(promptTokens: number, outputTokens: number): ChainFeed {
  return {
    take: (now) => ({ atSeconds: now, promptTokens, outputTokens }),
    nextAfter: () => Infinity,
    backlog: () => 0,
    endless: true,
  };
}

function printTable(title: string, keyOf: (run: MeasuredRun) => string): void {
  console.log(`\n| ${title} | n | TPOT: median | abs | p90 | output: median | abs | p90 |`);
  console.log("|---|---|---|---|---|---|---|---|");
  const groups = new Map<string, Simulated[]>();
  for (const one of done) groups.set(keyOf(one.run), [...(groups.get(keyOf(one.run)) ?? []), one]);
  for (const [key, some] of [...groups].toSorted(([a], [b]) => a.localeCompare(b))) {
    const figures = (["perToken", "output"] as const).flatMap((what) => {
      const errors = some.map((one) => one[what][1] / one[what][0] - 1);
      const sizes = errors.map(Math.abs).toSorted((a, b) => a - b);
      return [median(errors), median(sizes), sizes[Math.floor(0.9 * (sizes.length - 1))]!];
    });
    const shown = figures.map((value) => (100 * value).toFixed(1));
    console.log(`| ${[key, some.length, ...shown].join(" | ")} |`);
  }
}
