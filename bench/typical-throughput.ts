/**
 * Rule `helix-paper` (and `helix`) against the tables that the public Helix artifact computes from
 * its measured curves: `node build/bench/typical-throughput.js REFERENCE_FOLDER`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findPublishedStart } from "../src/profile/helix-paper-starts.js";
import { typicalThroughput } from "../src/profile/typical-throughput.js";
import type { ThroughputRule, TypicalMachine } from "../src/profile/typical-throughput.js";
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
console.log("mix machine figures paper-worst-% helix-median-% helix-worst-%");
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
  names.forEach((name, index) => {
    const expected = machines[name]!.tokensPerSecond;
    const off = (rows: readonly number[]): readonly number[] =>
      expected.map((value, k) => Math.abs(rows[k]! / value - 1) * 100).sort((a, b) => a - b);
    const helix = off(smooth[index]!);
    console.log(
      mix,
      name,
      expected.length,
      off(paper[index]!).at(-1)!.toFixed(4),
      helix[helix.length >> 1]!.toFixed(1),
      helix.at(-1)!.toFixed(1),
    );
  });
}
