import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tryCover } from "../../../src/planner/coverings/interval-cover.js";
import { weightedWork } from "../../../src/planner/coverings/interval-work.js";
import type { NodeGroup } from "../../../src/planner/coverings/interval-work.js";

interface Case {
  readonly layers: number;
  readonly groups: readonly NodeGroup[];
}

/** Rates of any kind, also such that more layers are faster: what is proven must not rest on less. */
const randomCase: fc.Arbitrary<Case> = fc
  .tuple(
    fc.integer({ min: 2, max: 5 }),
    fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 15, maxLength: 15 }),
      ),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  )
  .map(([layers, kinds]) => {
    const intervals = Array.from({ length: layers }, (_, start) =>
      Array.from({ length: layers - start }, (__, at) => [start, start + at + 1] as const),
    ).flat();
    const groups = kinds.map(([count, rates]) => ({
      count,
      choices: intervals.flatMap((interval, at) =>
        !(rates[at]! > 0) ? [] : [{ interval, rate: rates[at]! * 100 }],
      ),
    }));
    return { layers, groups };
  });

/** The most that some choice of intervals lets pass over every layer, all of them tried. */
function bestCover({ layers, groups }: Case): number {
  const nodes = groups.flatMap(({ count, choices }) =>
    Array.from({ length: count }, () => choices),
  );
  const covered = Array.from({ length: layers }, () => 0);
  const go = (node: number): number => {
    if (node === nodes.length) return Math.min(...covered);
    let best = go(node + 1);
    for (const { interval, rate } of nodes[node]!) {
      for (let at = interval[0]; at < interval[1]; at++) covered[at]! += rate;
      best = Math.max(best, go(node + 1));
      for (let at = interval[0]; at < interval[1]; at++) covered[at]! -= rate;
    }
    return best;
  };
  return go(0);
}

describe("coverings by interval", () => {
  it("never refute a flow that some choice of intervals carries", () => {
    fc.assert(
      fc.property(
        randomCase,
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 5, maxLength: 5 }),
        fc.constantFrom(0.5, 0.99, 1, 1.01, 1.5),
        (c, raw, share) => {
          const best = bestCover(c);
          const flow = best === 0 ? 50 : best * share;
          const total = raw.slice(0, c.layers).reduce((sum, each) => sum + each, 0);
          const weights = raw
            .slice(0, c.layers)
            .map((each) => (total === 0 ? 1 / c.layers : each / total));
          const answer = tryCover(c.groups, weights, flow, 1e6);
          if (flow <= best) {
            expect(answer).not.toBe("no");
            expect(weightedWork(c.groups, weights, flow).sum).toBeGreaterThanOrEqual(
              flow * (1 - 1e-9),
            );
          }
          expect(tryCover(c.groups, weights, flow, 0)).not.toBe(best >= flow ? "no" : "yes");
        },
      ),
      { seed: 31, numRuns: 1500 },
    );
  });

  it("is exact where fewer layers are never slower", () => {
    fc.assert(
      fc.property(randomCase, (c) => {
        const groups = c.groups.map(({ count, choices }) => ({
          count,
          choices: choices.map(({ interval, rate }) => ({
            interval,
            // The best of all that hold these layers and more.
            rate: choices.reduce(
              (high, other) =>
                other.interval[0] <= interval[0] && other.interval[1] >= interval[1]
                  ? Math.max(high, other.rate)
                  : high,
              rate,
            ),
          })),
        }));
        // Every part of what fits has to be there.
        const whole = groups.every(
          ({ choices }) => choices.length === (c.layers * (c.layers + 1)) / 2,
        );
        fc.pre(whole);
        const best = bestCover({ ...c, groups });
        const even = Array.from({ length: c.layers }, () => 1 / c.layers);
        expect(tryCover(groups, even, best, 1e6)).toBe("yes");
        expect(tryCover(groups, even, best * 1.001, 1e6)).toBe("no");
      }),
      { seed: 32, numRuns: 200 },
    );
  });
});
