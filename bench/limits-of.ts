import type { ServiceLimits } from "../src/serving/served/limits.js";
import type { SimulationReport } from "../src/serving/simulate/simulate-placement.js";

/** Runs a placement at a rate of arrivals, prompt and output tokens/s, or at full load. */
export type RunAt = (rate: number | undefined, seed: number) => SimulationReport;

/** Limits in times of what a twentieth of full load takes: TTFT, TPOT. */
const TIMES = [
  [undefined, 1.5],
  [2, undefined],
  [3, 3],
  [undefined, 6],
  [4, 1.3],
] as const;
const LIGHT = 0.05;

/** Limits that a placement keeps at a part of full load; which part depends on the seed. */
export function limitsOf(run: RunAt, seed: number): ServiceLimits {
  const { result: full } = run(undefined, 1);
  const all = full.decodeTokensPerSecond + full.promptTokensPerSecond;
  const statistic = seed % 2 === 0 ? "p95" : "mean";
  const { timeToFirstToken, timePerOutputToken } = run(LIGHT * all, 1).result;
  const [ttft, tpot] = TIMES[seed % TIMES.length]!;
  const some = (times: number | undefined, base: number) =>
    times === undefined ? undefined : Number((times * base).toPrecision(2));
  const maxTimeToFirstToken = some(ttft, timeToFirstToken[statistic]);
  const maxTimePerOutputToken = some(tpot, timePerOutputToken[statistic]);
  return {
    statistic,
    ...(maxTimeToFirstToken === undefined ? {} : { maxTimeToFirstToken }),
    ...(maxTimePerOutputToken === undefined ? {} : { maxTimePerOutputToken }),
  };
}
