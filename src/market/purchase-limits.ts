import type { Cluster } from "../core/cluster.js";
import { oversteps } from "../serving/served/limits.js";
import type { Placement } from "../core/placement.js";
import type { Goal, PurchaseLimits, Service } from "./purchase.js";
import { estimateAtLoad } from "../serving/served/service-estimate.js";

/** A target with limits. */
export type LimitedGoal = Extract<Goal, { readonly kind: "target" }> & {
  readonly limits: PurchaseLimits;
};

/** A mix that carries the target, and what it serves. */
interface JudgedMix {
  readonly pricePerHour: number;
  readonly service: Service;
}

/** Judges mixes that carry the target by what they serve of it, and remembers the one that misses least. */
export interface LimitsJudge {
  judge(cluster: Cluster, placement: Placement): Service;
  keeps(cluster: Cluster, placement: Placement, pricePerHour: number): boolean;
  /** Of all that `keeps` was asked about so far. */
  nearest(): JudgedMix | undefined;
}

export function createLimitsJudge(
  { tokensPerSecond, limits }: LimitedGoal,
  partialInference: boolean,
): LimitsJudge {
  let nearest: JudgedMix | undefined;
  const judge = (cluster: Cluster, placement: Placement): Service => {
    const load = estimateAtLoad(cluster, placement, partialInference, tokensPerSecond);
    const { decodeTokensPerSecond, timeToFirstToken, timePerOutputToken, concurrency } =
      load.served;
    const held = { ...limits, minThroughput: load.needed, statistic: "mean" } as const;
    return {
      decodeThroughput: decodeTokensPerSecond,
      neededThroughput: load.needed,
      promptLatency: timeToFirstToken.mean,
      decodeLatency: timePerOutputToken.mean,
      concurrency,
      missedBy: oversteps(load.served, held),
    };
  };
  return {
    judge,
    keeps(cluster, placement, pricePerHour) {
      const service = judge(cluster, placement);
      if (service.missedBy < (nearest?.service.missedBy ?? Infinity)) {
        nearest = { pricePerHour, service };
      }
      return service.missedBy === 0;
    },
    nearest: () => nearest,
  };
}
