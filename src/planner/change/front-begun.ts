import { ROUNDING } from "./cover-model.js";
import type { FrontLabel, FrontPrices } from "./front-prices.js";
import type { FrontChoice, FrontSpace } from "./front-space.js";
import { passes, type Border } from "./front-steps.js";

/** A way with what it costs at least by each of the prices. */
export interface Bounded<Way> {
  readonly way: Way;
  readonly bounds: Float64Array;
}

/** Those that begin at a border, and the ways that may go on so. */
export interface Begun<Way> {
  readonly choices: readonly FrontChoice[];
  readonly ways: readonly { readonly way: Way; readonly bound: number }[];
}

const NEED = 1 - ROUNDING;

export interface BegunOptions {
  readonly prices: readonly FrontPrices[];
  readonly limit: number;
  readonly shouldStop: () => boolean;
}

/** Sets of nodes looked at between two looks at the clock. */
const LOOK_EVERY = 256;

/**
 * All that may begin at a border so that the floor passes it, for the ways that could then cost less than the limit: each node that
 * begins raises what a way costs at least, by all prices. @returns false where it was stopped before the end.
 */
export function listBegun<Way extends FrontLabel>(
  space: FrontSpace,
  border: Border,
  ways: readonly Bounded<Way>[],
  { prices, limit, shouldStop }: BegunOptions,
  onBegun: (begun: Begun<Way>) => void,
): boolean {
  const choices = space.starts[border.at]!;
  const covered = coverBehind(border, choices);
  const chosen: FrontChoice[] = [];
  const used = new Uint8Array(space.amounts.length);
  let looked = 0;
  let stopped = false;

  /** By which one more node raises the bound of some prices. */
  const raise = ({ paid, prices: own }: FrontPrices, { end, share, cost, uses }: FrontChoice) => {
    let more = cost;
    for (const thing of uses) more += own[thing]!;
    for (let layer = border.at; layer < end; layer++) {
      const had = covered[layer - border.at]!;
      if (had < NEED) more -= paid[layer]! * Math.min(share, NEED - had);
    }
    return more;
  };
  const add = ({ end, share, uses }: FrontChoice, sign: 1 | -1): void => {
    for (let layer = border.at; layer < end; layer++) covered[layer - border.at]! += sign * share;
    for (const thing of uses) used[thing]! += sign;
  };
  const choose = (from: number, own: readonly Bounded<Way>[], raised: Float64Array): void => {
    if (looked++ % LOOK_EVERY === LOOK_EVERY - 1) stopped = shouldStop();
    if (stopped) return;
    if (passes(border, chosen, space)) {
      const begun = own.map(({ way, bounds }) => ({ way, bound: highest(bounds, raised) }));
      onBegun({ choices: [...chosen], ways: begun });
    }
    const lowest = Float64Array.from(raised, (more, k) =>
      own.reduce((low, { bounds }) => Math.min(low, bounds[k]! + more), Infinity),
    );
    const inOrder = [...prices.keys()].sort((a, b) => lowest[b]! - lowest[a]!);
    const next = new Float64Array(prices.length);
    for (let at = from; at < choices.length; at++) {
      const choice = choices[at]!;
      let dear = false;
      for (const k of inOrder) {
        const more = raise(prices[k]!, choice);
        next[k] = raised[k]! + more;
        if (lowest[k]! + more >= limit) {
          dear = true;
          break;
        }
      }
      if (dear) continue;
      add(choice, 1);
      const left = own.filter(
        ({ way, bounds }) =>
          choice.uses.every((thing) => used[thing]! <= way.left[thing]!) &&
          highest(bounds, next) < limit,
      );
      if (left.length > 0) {
        chosen.push(choice);
        choose(at, left, next.slice());
        chosen.pop();
      }
      add(choice, -1);
    }
  };
  choose(0, ways, new Float64Array(prices.length));
  return !stopped;
}

function highest(bounds: Float64Array, raised: Float64Array): number {
  let most = -Infinity;
  for (let k = 0; k < bounds.length; k++) most = Math.max(most, bounds[k]! + raised[k]!);
  return most;
}

/** What goes on computes of the layers behind the border, as far as any of those that may begin. */
function coverBehind({ at, goingOn }: Border, choices: readonly FrontChoice[]): Float64Array {
  const end = Math.max(at, ...goingOn.ends, ...choices.map((choice) => choice.end));
  const covered = new Float64Array(end - at);
  goingOn.ends.forEach((own, node) => {
    for (let layer = at; layer < own; layer++) covered[layer - at]! += goingOn.shares[node]!;
  });
  return covered;
}
