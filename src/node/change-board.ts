import type { ChangeBoard } from "../planner/change/find-least.js";
import { openBlackboard } from "../planner/portfolio/shared-blackboard.js";

/** Above the bytes of any change: the blackboard keeps what is highest, so it is told what a change saves of this. */
const MOST_BYTES = 2 ** 52;

/** The search's blackboard, with bytes saved in place of tokens/s: of bytes, few are good and a bound is below them. */
export function openChangeBoard(
  buffer: SharedArrayBuffer,
): ChangeBoard & { readonly stopped: () => boolean; readonly stop: () => void } {
  const { incumbent, post, upperBound, postBound, stopped, stop } = openBlackboard(buffer);
  return {
    least: () => incumbent()?.placement,
    offer: (placement, bytes) => void post(placement, MOST_BYTES - bytes),
    bound: () => Math.max(0, MOST_BYTES - upperBound()),
    prove: (bound) => void postBound(MOST_BYTES - Math.floor(bound)),
    stopped,
    stop,
  };
}
