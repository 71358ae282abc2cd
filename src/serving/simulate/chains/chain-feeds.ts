import type { Random } from "../../../core/random.js";
import type { Lengths } from "../../../model/lengths.js";
import type { Arrival } from "../traffic.js";
import type { ChainFeed } from "./chain-scheduler.js";

/** As many requests as a chain takes. */
export function createEndlessFeed(lengths: Lengths, random: Random): ChainFeed {
  const drawNext = lengths.createStream(random);
  return {
    take(now) {
      drawNext();
      const { promptTokens, outputTokens } = lengths;
      return { atSeconds: now, promptTokens, outputTokens };
    },
    nextAfter: () => Infinity,
    backlog: () => 0,
    endless: true,
  };
}

/**
 * The requests that arrive, handed out in turn by weights: each goes where the chain has had the least for its weight.
 * O(arrivals · chains).
 */
export function handOut(all: readonly Arrival[], weights: readonly number[]): readonly ChainFeed[] {
  const shares: Arrival[][] = weights.map(() => []);
  const given = new Float64Array(weights.length);
  for (const arrival of all) {
    let next = 0;
    for (let chain = 1; chain < weights.length; chain += 1) {
      if (given[chain]! + 1 / weights[chain]! < given[next]! + 1 / weights[next]!) next = chain;
    }
    given[next]! += 1 / weights[next]!;
    shares[next]!.push(arrival);
  }
  return shares.map(createListFeed);
}

/** @param arrivals ascending in time. */
function createListFeed(arrivals: readonly Arrival[]): ChainFeed {
  let taken = 0;
  let come = 0;
  const arriveBy = (now: number): void => {
    come = Math.max(come, taken);
    while (come < arrivals.length && arrivals[come]!.atSeconds <= now) come += 1;
  };
  return {
    take(now) {
      const next = arrivals[taken];
      if (next === undefined || next.atSeconds > now) return undefined;
      taken += 1;
      return next;
    },
    nextAfter(now) {
      arriveBy(now);
      return arrivals[come]?.atSeconds ?? Infinity;
    },
    backlog(now) {
      arriveBy(now);
      return come - taken;
    },
    endless: false,
  };
}
