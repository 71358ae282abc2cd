export interface NodeModelOptions {
  /**
   * False: the paper's rows and no others (big-M of the links' capacities, two binaries more per
   * partial link). True: the same optimum from a tighter relaxation.
   */
  readonly tightened: boolean;
  /** A proven upper bound on the throughput; used by the tightened model only. */
  readonly upperBound?: number;
}
