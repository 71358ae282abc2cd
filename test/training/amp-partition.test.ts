import * as fc from "fast-check";
import { expect, test } from "vitest";
import { partitionLikeAmp } from "../../src/training/amp-partition.js";

/** The same rules as a plain recursion: last stage [cut, done), rest with the larger maximum. */
function recurse(
  layers: readonly number[],
  borders: readonly (readonly number[])[],
  done: number,
  stages: number,
  toTheRight: number,
  rounds: number,
): { readonly counts: readonly number[]; readonly stored: number } {
  const total = (from: number) => layers.slice(from, done).reduce((a, b) => a + b, 0);
  const excess = (seconds: number) => rounds * Math.max(0, seconds - toTheRight);
  if (stages === 1) return { counts: [done], stored: excess(total(0)) };
  let best: { readonly counts: readonly number[]; readonly stored: number } = {
    counts: [],
    stored: Infinity,
  };
  for (let cut = stages - 1; cut < done; cut++) {
    const own = total(cut);
    const rest = recurse(layers, borders, cut, stages - 1, Math.max(own, toTheRight), rounds);
    const border = borders[cut - 1]![stages - 2]!;
    const cost = rest.stored + excess(own) + border;
    if (cost < best.stored) {
      best = { counts: [...rest.counts, done - cut], stored: cost - border };
    }
  }
  return best;
}

test("the table agrees with a plain recursion over the published rules", () => {
  const seconds = fc.double({ min: 0.01, max: 1, noNaN: true });
  const border = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(seconds, { minLength: 2, maxLength: 9 }),
      fc.array(fc.array(border, { minLength: 4, maxLength: 4 }), { minLength: 9, maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 2, max: 12 }),
      (layers, borders, stages, microBatches) => {
        const counts = partitionLikeAmp(layers, borders, stages, microBatches);
        if (stages > layers.length) expect(counts).toBeUndefined();
        else {
          const expected = recurse(layers, borders, layers.length, stages, 0, microBatches - 1);
          expect(counts).toEqual(expected.counts);
        }
      },
    ),
    { seed: 31, numRuns: 300 },
  );
});

test("border costs do not accumulate, so a dear early border is not avoided", () => {
  // Borders behind layer 0 cost 10, behind layer 1 nothing; two rounds more than pay for the cut at 1.
  const layers = [1, 1, 1, 1];
  const borders = [
    [10, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  const counts = partitionLikeAmp(layers, borders, 3, 2)!;
  expect(counts).toEqual([1, 1, 2]);
});
