import type { PlacementFile } from "../../formats/placement-schema.js";
import { figuresOfRun } from "../served/chains/chains-served.js";
import type { RacedRate } from "../served/race-rates.js";
import { describeServed } from "./judge-served.js";

/** A rate of arrivals that is promised, with the figures of its run. @param bound on decode tokens/s. */
export function describePromise(
  { report: { result }, tokensPerSecond }: Pick<RacedRate, "report" | "tokensPerSecond">,
  bound: number,
): NonNullable<PlacementFile["served"]> {
  const { timeToFirstToken: ttft, timePerOutputToken: tpot } = result;
  return describeServed(figuresOfRun(result), bound, {
    rate: tokensPerSecond,
    p95: { timeToFirstToken: ttft.p95, timePerOutputToken: tpot.p95 },
  });
}
