/**
 * The roofline against measured curves, and the fit of its factors on two machine types:
 * `node build/bench/roofline.js REFERENCE_FOLDER [--pairs]`.
 */
import { findModelPreset } from "../src/model/presets.js";
import { curveAt } from "../src/hardware/curve.js";
import { findGpu } from "../src/hardware/find-gpu.js";
import { layerCosts } from "../src/hardware/layer-cost.js";
import { DEFAULT_MEMORY_RULE, kvTokensByLayers } from "../src/hardware/memory-rule.js";
import { ASSUMED_FACTORS, assumedEfficiency } from "../src/hardware/card-efficiency.js";
import type { AssumedFactors } from "../src/hardware/card-efficiency.js";
import { decodeLayerSeconds, promptLayerSeconds } from "../src/hardware/roofline.js";
import type { GpuGroup } from "../src/hardware/roofline.js";
import { readMeasuredCurves } from "./measured-curves.js";
import { minimise } from "./nelder-mead.js";

const MODELS = ["llama-2-70b", "llama-30b"];
const WORKLOAD = { name: "paper", promptTokens: 750, outputTokens: 240 };
const CALIBRATED = ["A100", "L4x2"];
const PHASES = ["prompt", "decode"] as const;
type Phase = (typeof PHASES)[number];

/** Measured on cloud machines: cards of one machine talk over PCIe. */
const MACHINES: Readonly<Record<string, GpuGroup>> = {
  A100: group("A100-40GB", 1),
  V100: group("V100-16GB", 1),
  L4: group("L4", 1),
  L4x2: group("L4", 2),
  T4: group("T4", 1),
  T4x2: group("T4", 2),
  T4x4: group("T4", 4),
};

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder with the reference data");
const presets = new Map(
  MODELS.map((model) => {
    const preset = findModelPreset(model)!;
    return [model, { preset, cost: layerCosts(preset)[0]! }];
  }),
);
const measured = new Map(MODELS.map((model) => [model, readMeasuredCurves(folder, model)]));

function group(gpu: string, gpus: number): GpuGroup {
  return { gpu: findGpu(gpu)!, gpus, interconnect: "pcie" };
}

function samples(
  model: string,
  machine: string,
  phase: Phase,
): readonly (readonly [number, number])[] {
  const curves = measured.get(model)![machine]!;
  const curve = phase === "prompt" ? curves.promptSeconds : curves.decodeSeconds;
  return curve.filter(([x]) => x > 0);
}

function estimate(
  model: string,
  machine: string,
  phase: Phase,
  x: number,
  factors?: AssumedFactors,
): number {
  const { preset, cost } = presets.get(model)!;
  const group = MACHINES[machine]!;
  const layer = {
    group,
    model: preset,
    cost,
    ...(factors === undefined ? {} : { efficiency: assumedEfficiency(group.gpu, factors) }),
  };
  const { promptTokens, outputTokens } = WORKLOAD;
  return phase === "prompt"
    ? promptLayerSeconds(layer, x, promptTokens)
    : decodeLayerSeconds(layer, x, promptTokens + outputTokens / 2);
}

/** Signed relative errors of the estimate at the measured samples. */
function errors(
  model: string,
  machine: string,
  phase: Phase,
  factors?: AssumedFactors,
): readonly number[] {
  return samples(model, machine, phase).map(
    ([x, seconds]) => estimate(model, machine, phase, x, factors) / seconds - 1,
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function fromLogs(logs: readonly number[]): AssumedFactors {
  const [promptCompute, decodeCompute, memory, overlap] = logs.map(Math.exp);
  return {
    promptCompute: promptCompute!,
    decodeCompute: decodeCompute!,
    memory: memory!,
    overlap: overlap!,
  };
}

/** Factors with the least mean absolute logarithmic error over the curves of some machines. */
function fit(machines: readonly string[]): AssumedFactors {
  const loss = (logs: readonly number[]): number => {
    const factors = fromLogs(logs);
    let total = 0;
    for (const model of MODELS) {
      for (const machine of machines) {
        for (const phase of PHASES) {
          const off = errors(model, machine, phase, factors);
          total += off.reduce((sum, e) => sum + Math.abs(Math.log(1 + e)), 0) / off.length;
        }
      }
    }
    return total;
  };
  let at: readonly number[] = [1, 0.8, 0.8, 1.5].map(Math.log);
  for (let restart = 0; restart < 3; restart++) at = minimise(loss, at, 0.2, 150);
  return fromLogs(at);
}

const percent = (value: number): string => (100 * value).toFixed(1);
console.log("fitted on", CALIBRATED.join(" and "), fit(CALIBRATED));
console.log("in use", ASSUMED_FACTORS);

console.log(
  "\n| machine | model | role | prompt median % | prompt worst % | decode median % | decode worst % | KV tokens, median % |",
);
console.log("|---|---|---|---|---|---|---|---|");
const tested: Record<Phase, number[]> = { prompt: [], decode: [] };
for (const machine of Object.keys(MACHINES)) {
  for (const model of MODELS) {
    const cells = PHASES.flatMap((phase) => {
      const off = errors(model, machine, phase).map(Math.abs);
      if (!CALIBRATED.includes(machine)) tested[phase].push(...off);
      return [percent(median(off)), percent(Math.max(...off))];
    });
    const blocks = measured.get(model)![machine]!.kvBlocks;
    const preset = findModelPreset(model)!;
    const tokens = kvTokensByLayers(MACHINES[machine]!, preset, WORKLOAD, DEFAULT_MEMORY_RULE);
    const kv = blocks
      .slice(0, tokens.length)
      .map((count, k) => Math.abs(tokens[k]! / (16 * count) - 1));
    const role = CALIBRATED.includes(machine) ? "fitted" : "tested";
    console.log(`| ${[machine, model, role, ...cells, percent(median(kv))].join(" | ")} |`);
  }
}
for (const phase of PHASES) {
  console.log(
    `${phase}: median absolute error on tested machines ${percent(median(tested[phase]))}%`,
  );
}

let right = 0;
let close = 0;
let pairs = 0;
for (const model of MODELS) {
  for (const [phase, sizes] of [
    ["prompt", [250, 750, 2000, 7000]],
    ["decode", [4, 32, 100, 300]],
  ] as const) {
    for (const size of sizes) {
      const rows = Object.keys(MACHINES).map((machine) => ({
        machine,
        real: curveAt(samples(model, machine, phase), size, "flat"),
        guess: estimate(model, machine, phase, size),
      }));
      rows.forEach((a, index) => {
        for (const b of rows.slice(index + 1)) {
          pairs++;
          const near = Math.max(a.real / b.real, b.real / a.real) < 1.1;
          if (a.real < b.real === a.guess < b.guess) right++;
          else if (near) close++;
          else
            console.log(
              `order wrong: ${model} ${phase} ${size}: ${a.machine} ${a.real} (${a.guess.toPrecision(3)}), ${b.machine} ${b.real} (${b.guess.toPrecision(3)})`,
            );
        }
      });
    }
  }
}
console.log(
  `orderings: ${right} of ${pairs} right, ${close} of the rest within 10% of each other as measured`,
);

if (process.argv.includes("--pairs")) printPairs();

function printPairs(): void {
  console.log("\nall pairs of machines to fit on: median / worst median error % on the other five");
  const names = Object.keys(MACHINES);
  for (const [index, first] of names.entries()) {
    for (const second of names.slice(index + 1)) {
      if (MACHINES[first]!.gpus === 1 && MACHINES[second]!.gpus === 1) continue;
      const factors = fit([first, second]);
      const medians = names
        .filter((machine) => machine !== first && machine !== second)
        .flatMap((machine) =>
          MODELS.flatMap((model) =>
            PHASES.map((phase) => median(errors(model, machine, phase, factors).map(Math.abs))),
          ),
        );
      console.log(
        `${first} ${second} ${percent(median(medians))} ${percent(Math.max(...medians))}`,
      );
    }
  }
}
