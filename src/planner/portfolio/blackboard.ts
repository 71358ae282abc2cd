import type { Placement } from "../../core/placement.js";
import type { Incumbent } from "../problem/strategy.js";

/** What strategies that run side by side know together. */
export interface Blackboard {
  stopped(): boolean;
  stop(): void;
  incumbent(): Incumbent | undefined;
  upperBound(): number;
  /** Keeps the placement if it beats the incumbent. @returns whether it did. */
  post(placement: Placement, throughput: number): boolean;
  /** Keeps the bound if it is below the present one. @returns whether it is. */
  postBound(value: number): boolean;
  /** What the first and the second run of a strategy tell each other; absent where only one can run. */
  readonly meeting?: {
    tell(isSecond: boolean, values: readonly number[]): void;
    told(isSecond: boolean): readonly number[];
  };
}

/** A blackboard for one thread. */
export function createBlackboard(): Blackboard {
  let stopped = false;
  let incumbent: Incumbent | undefined;
  let bound = Infinity;
  return {
    stopped: () => stopped,
    stop: () => void (stopped = true),
    incumbent: () => incumbent,
    upperBound: () => bound,
    post(placement, throughput) {
      if (throughput <= (incumbent?.throughput ?? 0)) return false;
      incumbent = { placement: placement.map((interval) => interval ?? null), throughput };
      return true;
    },
    postBound(value) {
      if (value >= bound) return false;
      bound = value;
      return true;
    },
  };
}
