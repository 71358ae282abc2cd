/** Tables of ours against published figures, as Markdown, and what is outside its limit. */
import type { SimulationResult } from "../src/serving/simulate/result.js";

/** Limits on throughput and on latencies (the issue's bars). */
const THROUGHPUT_LIMIT = 0.1;
const LATENCY_LIMIT = 0.15;

const misses: string[] = [];
let judged = 0;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function heading(title: string, seeds: number): void {
  console.log(
    `\n### ${title}\n\n| | published | ours, mean (range) of ${seeds} seeds | off | within |\n|---|---|---|---|---|`,
  );
}

/** One figure; without a limit it is shown and not judged. */
export function row(
  name: string,
  ours: readonly number[],
  published: number,
  digits: number,
  limit?: number,
): void {
  const mean = meanOf(ours);
  const [low, high] = [Math.min(...ours), Math.max(...ours)];
  const text = `${mean.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
  const off = mean / published - 1;
  const percent = `${off >= 0 ? "+" : "−"}${Math.abs(100 * off).toFixed(1)} %`;
  const holds = limit === undefined || Math.abs(off) <= limit;
  const verdict = limit === undefined ? "not judged" : holds ? "yes" : "**no**";
  if (limit !== undefined) judged += 1;
  if (!holds) misses.push(name);
  console.log(`| ${name} | ${published} | ${text} | ${percent} | ${verdict} |`);
}

export function throughputRow(name: string, ours: readonly number[], published: number): void {
  row(`${name}: decode tok/s`, ours, published, 1, THROUGHPUT_LIMIT);
}

export function rows(
  name: string,
  runs: readonly SimulationResult[],
  [decode, prompt, step]: readonly [number, number?, number?],
): void {
  const rates = runs.map((run) => run.decodeTokensPerSecond);
  throughputRow(name, rates, decode);
  if (prompt !== undefined) {
    const seconds = runs.map((run) => run.timeToFirstToken.mean);
    row(`${name}: mean prompt s`, seconds, prompt, 2, LATENCY_LIMIT);
  }
  if (step !== undefined) {
    const seconds = runs.map((run) => run.timePerOutputToken.mean);
    row(`${name}: mean decode s`, seconds, step, 2, LATENCY_LIMIT);
  }
}

const QUANTILES = ["p5", "p25", "p50", "p75", "p95"] as const;

/** Latencies at p5, p25, p50, p75 and p95, in s. */
export function quantileRows(
  name: string,
  runs: readonly SimulationResult[],
  prompt: readonly number[],
  step: readonly number[],
): void {
  QUANTILES.forEach((quantile, at) => {
    const seconds = runs.map((run) => run.timeToFirstToken[quantile]);
    row(`${name}: prompt ${quantile}, s`, seconds, prompt[at]!, 2, LATENCY_LIMIT);
  });
  QUANTILES.forEach((quantile, at) => {
    const seconds = runs.map((run) => run.timePerOutputToken[quantile]);
    row(`${name}: decode ${quantile}, s`, seconds, step[at]!, 2, LATENCY_LIMIT);
  });
}

/**
 * Contestants with their samples, in the published order. Neighbours nearer than two standard errors
 * of their difference are shown as equal (≈): the published order, of one run each, cannot be checked.
 */
export function orderRow(
  name: string,
  contestants: readonly (readonly [label: string, samples: readonly number[]])[],
): void {
  const known = contestants.map(([label, samples]) => ({
    label,
    mean: meanOf(samples),
    error: standardError(samples),
  }));
  let text = "";
  let equals = 0;
  let broken = false;
  known.forEach(({ label, mean, error }, at) => {
    const before = known[at - 1];
    if (before !== undefined) {
      const equal = Math.abs(before.mean - mean) <= 2 * Math.hypot(before.error, error);
      equals += equal ? 1 : 0;
      broken ||= !equal && before.mean < mean;
      text += equal ? " ≈ " : before.mean > mean ? " > " : " < ";
    }
    text += `${label} ${mean.toFixed(1)} ± ${error.toFixed(1)}`;
  });
  judged += 1;
  if (broken) misses.push(name);
  const verdict = broken ? "**does not hold**" : equals > 0 ? "holds, but for equals" : "holds";
  console.log(`- ${name}: ${text}: ${verdict}`);
}

function standardError(samples: readonly number[]): number {
  const mean = meanOf(samples);
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0);
  return Math.sqrt(squares / (samples.length - 1) / samples.length);
}

export function conclusion(): string {
  return `\n${judged} figures and orderings judged, ${misses.length} outside their limit${misses.length > 0 ? `: ${misses.join("; ")}` : ""}.`;
}
