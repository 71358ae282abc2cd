import type { Random } from "../../core/random.js";
import { GOLDEN, type Lengths } from "../../model/lengths.js";

/** A request that is under way when the run begins, with so many of its tokens decoded. */
export interface Resident {
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly decoded: number;
}

const POOL = 4096;

/**
 * Draws requests as they are found under way: one that decodes for twice as long is found twice as often, at any of
 * its tokens alike. All tokens of a pool of requests lie in a row, and one of them is pointed at. O(pool), then O(log pool).
 */
export function createResidents(lengths: Lengths, random: Random): () => Resident {
  const next = lengths.createStream(random);
  const pool: { promptTokens: number; outputTokens: number; before: number }[] = [];
  let total = 0;
  for (let draw = 0; draw < POOL; draw += 1) {
    next();
    const { promptTokens, outputTokens } = lengths;
    pool.push({ promptTokens, outputTokens, before: total });
    total += outputTokens;
  }
  let at = random.next();
  return () => {
    at = (at + GOLDEN) % 1;
    const token = Math.floor(at * total);
    let [low, high] = [0, POOL - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (pool[middle]!.before <= token) low = middle;
      else high = middle - 1;
    }
    const { promptTokens, outputTokens, before } = pool[low]!;
    return { promptTokens, outputTokens, decoded: token - before };
  };
}
