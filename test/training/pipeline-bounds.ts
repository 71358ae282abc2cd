import type { PipelineTiming } from "../../src/training/simulate-pipeline.js";

/** The closed formula of the cost model and the interval in which the schedule must lie. */
export interface PipelineBounds {
  /** (B − 1)·max t + Σ t + Σ c: borders once, transfers never in the way of the slowest stage. */
  readonly closed: number;
  /** No schedule is shorter. */
  readonly least: number;
  /** 1F1B is never longer, where backward takes the same multiple of forward on every stage. */
  readonly most: number;
}

/**
 * With t_s = forward + backward and c_b one way:
 *
 * - `least`: the first micro-batch alone crosses every border twice, Σ t + 2 Σ c; and a stage s works
 *   B·t_s, after its input came down to it and before its last gradient goes up again:
 *   max_s (B·t_s + Σ_{p<s} (t_p + 2 c_p)).
 * - `most`: (B − 1)·max_s (t_s + 2 c_s) + Σ t + 2 Σ c, with c of the border behind s. A path through
 *   the schedule's dependencies that goes down and up visits B − 1 + k stage passes in all, each at
 *   most max (t + 2c); every stage it needs is among them once. Only the warm-up forwards and the
 *   closing backwards come unpaired, and one of each is no longer than a pair when the ratio of
 *   backward to forward is the same everywhere.
 *
 * So the closed formula errs by at most (B − 1)·(max (t + 2c) − max t) + Σ c below the schedule, and
 * by at most the stages behind the slowest and their borders above it.
 */
export function pipelineBounds(timing: PipelineTiming): PipelineBounds {
  const { forward, backward, border, microBatches } = timing;
  const total = forward.map((seconds, stage) => seconds + backward[stage]!);
  const fill = total.reduce((a, b) => a + b, 0);
  const borders = border.reduce((a, b) => a + b, 0);
  const rounds = microBatches - 1;
  let above = 0;
  let least = fill + 2 * borders;
  total.forEach((seconds, stage) => {
    least = Math.max(least, microBatches * seconds + above);
    above += seconds + 2 * (border[stage] ?? 0);
  });
  const period = Math.max(...total.map((seconds, stage) => seconds + 2 * (border[stage] ?? 0)));
  return {
    closed: rounds * Math.max(...total) + fill + borders,
    least,
    most: rounds * period + fill + 2 * borders,
  };
}
