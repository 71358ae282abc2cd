import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, editDistance, nearestNames } from "../../src/core/nearest.js";

const NAMES = ["A100-40GB", "A100-80GB", "H100-80GB", "L4", "L40S", "T4", "RTX-4090"];

describe("nearestNames", () => {
  it.each([
    ["H100-80G", "H100-80GB"],
    ["h100 80gb", "H100-80GB"],
    ["rtx4090", "RTX-4090"],
    ["L40", "L40S"],
    ["RTX-4900", "RTX-4090"],
  ])("offers for %s first %s", (word, expected) => {
    expect(nearestNames(word, NAMES)[0]).toBe(expected);
  });

  it("offers nothing for a word that resembles none", () => {
    expect(nearestNames("abacus-x", NAMES)).toEqual([]);
    expect(didYouMean("abacus-x", NAMES)).toBe("");
  });

  it("gives a word as long as a file up at once, but sees what it contains", () => {
    const long = "x".repeat(3_000_000);
    expect(nearestNames(long, NAMES)).toEqual([]);
    expect(nearestNames(`${long}RTX-4090`, NAMES)[0]).toBe("RTX-4090");
    expect(nearestNames(long, [`${long}y`, `z${long.slice(1)}`])).toEqual([`${long}y`]);
  });

  it("says so in words", () => {
    expect(didYouMean("H100-80G", NAMES)).toContain('Did you mean "H100-80GB"');
  });

  it("names a candidate once, however often it is given", () => {
    expect(nearestNames("vólta", ["volta-0", "volta-1", "volta-0"])).toEqual([
      "volta-0",
      "volta-1",
    ]);
  });
});

describe("editDistance", () => {
  const words = fc.string({ maxLength: 8 });
  it("is symmetric, zero only for equal words, and at most the longer length", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it("counts a swap of neighbours once", () => {
    expect(editDistance("4900", "4090")).toBe(1);
  });
});
