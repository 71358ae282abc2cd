import type { PlacementFile } from "../../formats/placement-schema.js";
import { figuresOfRun } from "../served/chains/chains-served.js";
import type { RacedRate } from "../served/race-rates.js";
import { describeServed } from "./judge-served.js";

interface PromiseFacts {
  /** On decode tokens/s. */
  readonly bound: number;
  /** Of decode tokens in what arrives. */
  readonly share: number;
  /** Whether the plan was, and its rate run again all the same. */
  readonly interrupted?: boolean;
}

/**
 * A rate of arrivals that is promised, with the figures of its run. No more is served than arrives: in a run, which begins with
 * requests under way and gets more or fewer by chance, more may have been.
 */
export function describePromise(
  { report: { result }, tokensPerSecond: rate }: Pick<RacedRate, "report" | "tokensPerSecond">,
  { bound, share, interrupted = false }: PromiseFacts,
): NonNullable<PlacementFile["served"]> {
  const { timeToFirstToken: ttft, timePerOutputToken: tpot } = result;
  const run = figuresOfRun(result);
  const { decodeTokensPerSecond, promptTokensPerSecond } = run;
  const served = {
    ...run,
    decodeTokensPerSecond: Math.min(decodeTokensPerSecond, share * rate),
    promptTokensPerSecond: Math.min(promptTokensPerSecond, (1 - share) * rate),
  };
  return describeServed(served, bound, {
    rate,
    p95: { timeToFirstToken: ttft.p95, timePerOutputToken: tpot.p95 },
    ...(interrupted ? { confirmed: true } : {}),
  });
}
