import type { ScenarioResult } from "./scenario-result.js";

/**
 * What one more or one less of something is worth: the cluster planned again with it or without it, by the same objective.
 * Rates in tokens/s; gains are decode tokens/s served at full load, with limits on latency the tokens/s arriving up to
 * which they hold, and flow where nothing was simulated.
 */
export interface MarginalValue {
  readonly what: string;
  readonly kind: "machine" | "bandwidth" | "memory";
  readonly change: "more" | "less";
  /** Flow of its plan. */
  readonly throughput: number;
  /** What the last run of its plan shows. */
  readonly served?: NonNullable<ScenarioResult["served"]>;
  /** Against today; negative where something is lost. */
  readonly gain: number;
  /** How far the gain may be off, by the two runs that show it; 0 for flows, and where today's plan stands. */
  readonly noise: number;
  /** How much the proven bound rises: what a perfect plan could gain at most, up to today's gap. Absent where nothing was simulated beside rows that were. */
  readonly boundGain?: number;
  /** Nothing that was found serves more than today's plan, which stands here as it is. */
  readonly asToday?: true;
  /** Nodes that no links lead to and from, which stay idle. */
  readonly unlinked?: number;
  /** Why there is no plan with it or without it, or no figure of what that serves. */
  readonly reason?: string;
  /** Dollars per hour of the machine, where it has a price. */
  readonly costPerHour?: number;
}
