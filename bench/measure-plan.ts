import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StrategyChoice } from "../src/planner/portfolio/strategies.js";

export interface PlanRequest {
  /** The text of a cluster file. */
  readonly cluster: string;
  readonly gap: number;
  readonly timeLimitSeconds: number;
  readonly strategy: StrategyChoice;
  /** Tokens/s to note the time of. */
  readonly published: number;
}

/** Seconds count from the start of the process; NaN = never. */
export interface Measured {
  readonly throughput: number;
  readonly upperBound: number;
  readonly gap: number;
  /** What proved the bound, or why there is no placement. */
  readonly bound: string;
  /** To the first placement, to the published throughput, to the end (file checked, not written). */
  readonly first: number;
  readonly published: number;
  readonly end: number;
  /** Peak of resident memory. */
  readonly megabytes: number;
}

/** Plans `runs` times, each in a process of its own: the median of every figure by itself. */
export function measurePlan(request: PlanRequest, runs: number): Measured {
  const all = Array.from({ length: runs }, () => measureOnce(request));
  const median = (figure: (measured: Measured) => number): number =>
    all.map(figure).sort((a, b) => (Number.isNaN(a) ? 1 : a - b))[Math.floor((runs - 1) / 2)]!;
  return {
    throughput: median((one) => one.throughput),
    upperBound: median((one) => one.upperBound),
    gap: median((one) => one.gap),
    bound: all[0]!.bound,
    first: median((one) => one.first),
    published: median((one) => one.published),
    end: median((one) => one.end),
    megabytes: median((one) => one.megabytes),
  };
}

function measureOnce(request: PlanRequest): Measured {
  const script = fileURLToPath(new URL("plan-once.js", import.meta.url));
  const run = spawnSync(process.execPath, [script], {
    input: JSON.stringify({ ...request, published: Math.min(request.published, Number.MAX_VALUE) }),
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`plan-once: ${run.stderr}`);
  const read = JSON.parse(run.stdout) as { readonly [K in keyof Measured]: Measured[K] | null };
  return {
    ...(read as Measured),
    upperBound: read.upperBound ?? Infinity,
    first: read.first ?? NaN,
    published: read.published ?? NaN,
  };
}
