import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cheapestTogether, mostTogether } from "../../src/market/combine-offers.js";
import { priceOf } from "../../src/market/market.js";

const offerArbitrary = fc.record({
  available: fc.integer({ min: 0, max: 4 }),
  pricePerHour: fc.integer({ min: 1, max: 40 }).map((price) => price / 4),
  rate: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })),
  least: fc.integer({ min: 1, max: 3 }),
});

/** All counts that serve: none of an offer, or at least as many as serve at all. */
function* everyMix(
  market: readonly { readonly available: number; readonly least: number; readonly rate: number }[],
): Generator<readonly number[]> {
  const [first, ...rest] = market;
  if (first === undefined) return yield [];
  for (const others of everyMix(rest))
    for (let count = 0; count <= first.available; count += 1)
      if (count === 0 || (count >= first.least && first.rate > 0)) yield [count, ...others];
}

test("the cheapest and the most of all mixes are found, by brute force", () => {
  fc.assert(
    fc.property(
      fc.array(offerArbitrary, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 150 }),
      (market, asked) => {
        const offers = market.map((own) => ({ ...own, machine: "m", region: undefined }));
        const rateOf = (counts: readonly number[]): number =>
          counts.reduce((sum, count, offer) => sum + count * market[offer]!.rate, 0);
        const mixes = [...everyMix(market)];
        const enough = mixes.filter((counts) => rateOf(counts) >= asked);
        const cheapest = cheapestTogether(offers, market, asked);
        expect(cheapest === undefined).toBe(enough.length === 0);
        if (cheapest !== undefined) {
          const least = Math.min(...enough.map((counts) => priceOf(offers, counts)));
          expect(priceOf(offers, cheapest)).toBeCloseTo(least, 9);
          expect(rateOf(cheapest)).toBeGreaterThanOrEqual(asked);
          expect(cheapestTogether(offers, market, asked, least)).toBeUndefined();
        }
        const payable = mixes.filter((counts) => priceOf(offers, counts) <= asked / 10);
        const most = mostTogether(offers, market, asked / 10);
        expect(rateOf(most)).toBe(Math.max(...payable.map(rateOf)));
        expect(priceOf(offers, most)).toBeLessThanOrEqual(asked / 10 + 1e-9);
      },
    ),
    { numRuns: 300 },
  );
});
