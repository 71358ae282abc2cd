import type { GoodputPorts } from "../served/goodput-options.js";
import type { PlanOptions } from "./plan.js";

const DEFAULT_TIME_LIMIT = 60;

/** What time there is, in seconds, and what is left of it. */
export interface Clock {
  /** Infinity where steps are counted. */
  readonly limit: number;
  readonly elapsed: () => number;
  readonly over: () => boolean;
  readonly within: (seconds: number) => Pick<PlanOptions, "timeLimitSeconds">;
}

export function startClock(
  { iterationLimit, timeLimitSeconds, signal }: PlanOptions,
  ports: GoodputPorts,
): Clock {
  const started = ports.now();
  const limit = timeLimitSeconds ?? (iterationLimit === undefined ? DEFAULT_TIME_LIMIT : Infinity);
  const elapsed = (): number => ports.now() - started;
  const over = (): boolean => signal?.aborted === true || elapsed() >= limit;
  const within: Clock["within"] = (seconds) =>
    Number.isFinite(limit) ? { timeLimitSeconds: Math.max(0, seconds) } : {};
  return { limit, elapsed, over, within };
}
