import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { LeftOut } from "./listed-machines.js";
import type { Settled } from "./settle.js";
import type { ScenarioResult } from "./scenario-result.js";

/** What a mix must keep at the target's load, in seconds. Absent = free. */
export interface PurchaseLimits {
  readonly maxTimeToFirstToken?: number;
  readonly maxTimePerOutputToken?: number;
  /** What of the latencies is limited. Default "mean". */
  readonly statistic?: "mean" | "p95";
}

/** What the machines are bought for. */
export type Goal =
  | { readonly kind: "budget"; readonly dollarsPerHour: number }
  | {
      readonly kind: "target";
      readonly tokensPerSecond: number;
      readonly limits?: PurchaseLimits;
    };

/** What a mix serves with the target arriving, simulated. Decode tokens/s, seconds in the statistic that is limited. */
export interface Service {
  readonly decodeThroughput: number;
  /** What the target's requests come to. */
  readonly neededThroughput: number;
  readonly promptLatency: number;
  readonly decodeLatency: number;
  /** Requests under way. */
  readonly concurrency: number;
  /** 0 when fresh seeds keep load and limits, else Σ ln(figure / limit) of the one that misses most, and of what it leaves waiting. */
  readonly missedBy: number;
  /** Fresh seeds, and how many of them keep load and limits. */
  readonly runs: number;
  readonly kept: number;
}

/** So many machines of an offer. */
export interface BoughtMachines {
  readonly machine: string;
  readonly region?: string;
  readonly count: number;
  readonly pricePerHour: number;
}

/** What else the money buys, or is there already. */
export interface Beside {
  readonly name: "one machine type" | "the mix of most flow" | "today";
  /** Of today: none. */
  readonly mix?: readonly BoughtMachines[];
  /** Dollars per hour of all machines; absent where one has no price. */
  readonly pricePerHour?: number;
  /** Prompt and output tokens/s that users get: with limits the rate of arrivals that keeps them. */
  readonly tokensPerSecond: number;
  /** Nodes that no links lead to and from, which stay idle. */
  readonly unlinked?: number;
  /** Why nothing was planned. */
  readonly reason?: string;
  /** Decode tokens/s of them, where it was simulated. */
  readonly decodeTokensPerSecond?: number;
  /** Smaller steps, with which more may be served, were not all tried. */
  readonly stepsUntried?: NonNullable<ScenarioResult["served"]>["stepsUntried"];
  /** Its share of the time was over before the search had come to its end. */
  readonly timeUp?: true;
}

export interface Purchase {
  readonly goal: Goal;
  /** Undefined: no mix on offer does it (or none was found; `bound` tells). */
  readonly mix: readonly BoughtMachines[] | undefined;
  /** Of what is bought, dollars per hour. */
  readonly pricePerHour: number;
  /**
   * Budget: no mix within it carries more tokens/s. Target: no mix under that price serves it;
   * Infinity when none on offer does. At the capacities of the search, links left aside.
   */
  readonly bound: number;
  /** Relative distance of throughput or price to the bound. */
  readonly gap: number;
  /** Tokens/s of the mix at the capacities of the search. */
  readonly searchThroughput: number;
  /** The mix planned for itself, capacities included. */
  readonly result: ScenarioResult | undefined;
  readonly placement: PlacementFile | undefined;
  /** The cluster file of base and mix. */
  readonly file: ClusterFile | undefined;
  /** "given": T(k) does not depend on the mix. "fixed": it does; the bound holds for T(k) of `reference`. */
  readonly capacities: "given" | "fixed";
  readonly reference: "everything on offer" | "the mix of the round before";
  readonly rounds: number;
  /** What the machines that are there serve alone, in a plan of their own; absent where there are none. */
  readonly today?: Pick<
    NonNullable<ScenarioResult["served"]>,
    "decodeTokensPerSecond" | "promptTokensPerSecond"
  >;
  /** It is the best that was found before an interrupt; what else there is was not tried, or for moments only. */
  readonly interrupted?: true;
  /** Machines that the plan left empty were left out. */
  readonly withoutIdle?: true;
  /** The mix is machines of one type alone, which serve more for the money than the mix of most flow. */
  readonly oneType?: true;
  /** The mix is of several types, chosen by what each of them serves alone. */
  readonly together?: true;
  /** What it stands beside: the best of one machine type alone for the money or the target, and today's machines. */
  readonly beside?: readonly Beside[];
  /** Machines of the price list that the engine cannot run. */
  readonly leftOut?: readonly LeftOut[];
  /** What the cluster file and the price list do not say alike. */
  readonly settled?: readonly Settled[];
  readonly mixesPlanned: number;
  /** Where no affordable mix holds the model: dollars per hour of the cheapest that does, links aside. */
  readonly neededPrice?: number;
  /** With limits: what the plan serves at the target's load. */
  readonly service?: Service;
  /** With limits and no mix that keeps them at the target: the one that keeps them at the highest rate of arrivals. */
  readonly nearest?: {
    readonly mix: readonly BoughtMachines[];
    readonly pricePerHour: number;
    readonly tokensPerSecond: number;
  };
}
