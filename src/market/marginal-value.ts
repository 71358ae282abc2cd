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

/** What one GB more for KV on every node of a machine type is worth, by the steady-state model. */
export interface MemoryValue {
  readonly what: string;
  /** Nodes of that type. */
  readonly nodes: number;
  /** Decode tokens/s served. */
  readonly goodput: number;
  readonly gain: number;
  /** Requests under way. */
  readonly concurrencyGain: number;
}
