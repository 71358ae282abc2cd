/** What one more of something is worth: the cluster planned again with it. */
export interface MarginalValue {
  readonly what: string;
  readonly kind: "machine" | "bandwidth";
  /** Tokens/s. */
  readonly throughput: number;
  readonly gain: number;
  /** How much the proven bound rises: what a perfect plan could gain at most, up to today's gap. */
  readonly boundGain: number;
  /** Dollars per hour of the machine, where it has a price. */
  readonly costPerHour?: number;
}
