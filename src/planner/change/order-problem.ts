/** What an order is looked for in. Nodes that change are numbered 0, 1, … and sets of them are bit masks or sets of these. */
export interface OrderProblem {
  /** Nodes that change. */
  readonly nodes: readonly number[];
  /** Seconds that each of them loads. */
  readonly seconds: readonly number[];
  readonly floor: number;
  /** Tokens/s when the nodes `done` have changed, those `out` hold nothing, and the others hold what they held. */
  flow(done: ReadonlySet<number>, out: ReadonlySet<number>): number;
}

/** An order found: sets of numbers of nodes, one after another. */
export interface FoundOrder {
  readonly sets: readonly (readonly number[])[];
  readonly bestFloor: number;
}
