import type { SimulationResult } from "../../simulate/result.js";

/** What a run at full load shows. */
export interface ChainsServed {
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  readonly timeToFirstToken: number;
  readonly timePerOutputToken: number;
  /** Requests at a time. */
  readonly concurrency: number;
  /** Half of the 95 % interval of the decode tokens/s; all of them where the run was too short to tell. */
  readonly uncertainty: number;
}

export function figuresOfRun(result: SimulationResult): ChainsServed {
  const { decodeTokensPerSecond } = result;
  return {
    decodeTokensPerSecond,
    promptTokensPerSecond: result.promptTokensPerSecond,
    timeToFirstToken: result.timeToFirstToken.mean,
    timePerOutputToken: result.timePerOutputToken.mean,
    concurrency: result.meanInFlight,
    uncertainty: Math.min(decodeTokensPerSecond, result.decodeConfidence),
  };
}

/** Of kinds of chains that run alone: sums of what is counted, means by tokens decoded of what is waited. */
export function addUp(
  kinds: readonly { readonly count: number; readonly served: ChainsServed }[],
): ChainsServed {
  const sum = (of: (served: ChainsServed) => number): number =>
    kinds.reduce((total, { count, served }) => total + count * of(served), 0);
  const decode = sum((served) => served.decodeTokensPerSecond);
  const mean = (of: (served: ChainsServed) => number): number =>
    decode === 0
      ? 0
      : sum((served) =>
          served.decodeTokensPerSecond > 0 ? served.decodeTokensPerSecond * of(served) : 0,
        ) / decode;
  return {
    decodeTokensPerSecond: decode,
    promptTokensPerSecond: sum((served) => served.promptTokensPerSecond),
    timeToFirstToken: mean((served) => served.timeToFirstToken),
    timePerOutputToken: mean((served) => served.timePerOutputToken),
    concurrency: sum((served) => served.concurrency),
    uncertainty: Math.hypot(...kinds.map(({ count, served }) => count * served.uncertainty)),
  };
}
