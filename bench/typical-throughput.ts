/**
 * Rule `helix-paper` (and `helix`) against the tables that the public Helix artifact computes from
 * its measured curves, and T(k) estimated without any measurement against T(k) from the curves: `node build/bench/typical-throughput.js REFERENCE_FOLDER`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findModelPreset } from "../src/model/presets.js";
import { findPublishedStart } from "../src/hardware/helix-paper-starts.js";
import type { MachineSpec } from "../src/hardware/machine-spec.js";
import { resolveCapacities } from "../src/hardware/resolve-capacities.js";
import { typicalThroughput } from "../src/hardware/typical-throughput.js";
import type { ThroughputRule, TypicalMachine } from "../src/hardware/typical-throughput.js";
import { readMeasuredCurves } from "./measured-curves.js";

interface Tables {
  readonly mixes: Readonly<
    Record<
      string,
      {
        readonly layers: number;
        readonly machines: Readonly<
          Record<string, { readonly count: number; readonly tokensPerSecond: readonly number[] }>
        >;
      }
    >
  >;
}

const PAPER_WORKLOAD = { name: "paper", promptTokens: 750, outputTokens: 240 };
const KV_BLOCK_TOKENS = 16;
const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder with the reference data");

const tables = JSON.parse(readFileSync(join(folder, "throughput-tables.json"), "utf8")) as Tables;
/** Cards of the measured machines, which ran in the cloud: several cards talk over PCIe. */
const CARDS: Readonly<Record<string, string>> = {
  A100: "A100-40GB",
  V100: "V100-16GB",
  L4: "L4",
  T4: "T4",
};

/** The machine as a user names it who measured nothing. */
function unmeasured(name: string): MachineSpec {
  const [card, gpus] = name.split("x");
  return {
    name,
    gpu: CARDS[card!]!,
    gpus: Number(gpus ?? 1),
    nicBytesPerSecond: Infinity,
    interconnect: "pcie",
  };
}

console.log(
  "| mix | machine | figures | `helix-paper`, worst % | `helix`, median % | `helix`, worst % | estimate, median % | estimate, worst % |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const [mix, { layers, machines }] of Object.entries(tables.mixes)) {
  const model = layers === 80 ? "llama-2-70b" : "llama-30b";
  const measured = readMeasuredCurves(folder, model);
  const names = Object.keys(machines);
  const typical = names.map((name): TypicalMachine => {
    const { promptSeconds, decodeSeconds, kvBlocks } = measured[name]!;
    const start = findPublishedStart(model, { name, gpus: 1 })!;
    const kvTokens = kvBlocks.map((blocks) => blocks * KV_BLOCK_TOKENS);
    return { count: machines[name]!.count, promptSeconds, decodeSeconds, kvTokens, start };
  });
  const figures = (rule: ThroughputRule): readonly (readonly number[])[] =>
    typicalThroughput({ machines: typical, layers, workload: PAPER_WORKLOAD, rule });
  const paper = figures("helix-paper");
  const smooth = figures("helix");
  const estimates = resolveCapacities({
    machines: names.map(unmeasured),
    counts: names.map((name) => machines[name]!.count),
    model: findModelPreset(model)!,
    workload: PAPER_WORKLOAD,
  });
  names.forEach((name, index) => {
    const expected = machines[name]!.tokensPerSecond;
    const off = (rows: readonly number[]): readonly number[] =>
      expected.map((value, k) => Math.abs(rows[k]! / value - 1) * 100).sort((a, b) => a - b);
    const helix = off(smooth[index]!);
    const guess = estimates[index]!;
    const guessed = guess.kind === "capacity" ? guess.capacity.tokensPerSecond : [];
    const wrong = guessed
      .slice(0, expected.length)
      .map((value, k) => Math.abs(value / smooth[index]![k]! - 1) * 100)
      .sort((a, b) => a - b);
    const cells = [
      mix,
      name,
      expected.length,
      off(paper[index]!).at(-1)!.toFixed(4),
      helix[helix.length >> 1]!.toFixed(1),
      helix.at(-1)!.toFixed(1),
      wrong[wrong.length >> 1]!.toFixed(1),
      wrong.at(-1)!.toFixed(1),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  });
}
