/**
 * The overhead of every engine, fitted on half of the whole serving runs: `node
 * build/bench/fit-engines.js FOLDER`. Coordinate descent on the mean absolute logarithmic error of the time
 * per token, and half of that of the time to the first token, each at most 1 and 1.5.
 */
import { overheadFrom } from "../src/hardware/engine-overhead.js";
import { estimateRun, measuredRuns } from "./measured-kinds.js";
import type { MeasuredRun } from "./measured-kinds.js";

type Row = Parameters<typeof overheadFrom>[0];

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder with the measurements");
const START: Row = [1300, 18, 10, 0.9, 20, 2, 0.1];
const DRIFT = 0.002;
/** Versions whose clients or schedulers differ from the engine's others. */
const VERSIONS: readonly (readonly [engine: string, version: string])[] = [
  ["trtllm", ""],
  ["trtllm", "1."],
  ["sglang", ""],
  ["sglang", "0.5.1"],
  ["sglang", "0.5.9"],
  ["vllm", ""],
  ["vllm", "0."],
];
const runs = measuredRuns(folder).filter(({ row }) => row.fitted);

function loss(some: readonly MeasuredRun[], row: Row): number {
  const overhead = overheadFrom(row);
  let total = 0;
  for (const run of some) {
    const { perTokenSeconds, firstTokenSeconds } = estimateRun(run, overhead);
    const token = Math.abs(Math.log((perTokenSeconds * 1e3) / run.row.number("tpotMs")));
    const first = Math.abs(Math.log((firstTokenSeconds * 1e3) / run.row.number("ttftMs")));
    total += Math.min(1, token) + Math.min(1.5, first) / 2;
  }
  // Where the runs do not tell a figure, it stays near the start.
  const drift = row.reduce(
    (sum, value, index) => sum + Math.abs(Math.log(value / START[index]!)),
    0,
  );
  return total / some.length + DRIFT * drift;
}

function fit(some: readonly MeasuredRun[]): Row {
  let at = START.map((value) => Math.max(value, 0.01));
  let best = loss(some, at as unknown as Row);
  for (let step = 0.5; step > 0.02; step *= 0.6) {
    for (let index = 0; index < at.length; index++) {
      for (const factor of [Math.exp(step), Math.exp(-step)]) {
        for (;;) {
          const next = at.with(index, at[index]! * factor);
          const value = loss(some, next as unknown as Row);
          if (value >= best - 1e-5) break;
          at = next;
          best = value;
        }
      }
    }
  }
  return at as unknown as Row;
}

for (const [engine, version] of VERSIONS) {
  const some = runs.filter(({ row }) => {
    if (row.text.engine !== engine) return false;
    const longer = VERSIONS.some(
      ([name, start]) =>
        name === engine &&
        start.length > version.length &&
        row.text.engineVersion!.startsWith(start),
    );
    return row.text.engineVersion!.startsWith(version) && !longer;
  });
  if (some.length === 0) continue;
  const row = fit(some);
  const rounded = row.map((value) => Number(value.toPrecision(3)));
  console.log(
    engine,
    JSON.stringify(version),
    some.length,
    JSON.stringify(rounded),
    loss(some, row).toFixed(3),
  );
}
