/** Where a sweep is: which nodes hold which layers so far. Sets of nodes are bits. */
export interface SweepState {
  /** First layers of the nodes that have started, ends of those that have ended. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  unused: number;
  active: number;
  ended: number;
}

export function createSweepState(count: number): SweepState {
  return {
    start: new Int32Array(count),
    end: new Int32Array(count),
    unused: (1 << count) - 1,
    active: 0,
    ended: 0,
  };
}

/** The first node of a set that is not empty. */
export function lowest(set: number): number {
  return 31 - Math.clz32(set & -set);
}

export function isIn(set: number, node: number): boolean {
  return ((set >> node) & 1) === 1;
}
