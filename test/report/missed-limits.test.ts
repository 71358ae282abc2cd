import { expect, test } from "vitest";
import { describeMissedLimits } from "../../src/report/plan-summary.js";

const nearest = {
  decodeTokensPerSecond: 12,
  timeToFirstToken: { mean: 1, p95: 2 },
  timePerOutputToken: { mean: 0.1, p95: 0.2 },
};

test("an interrupt and the end of the time leave open whether anything keeps limits", () => {
  for (const at of ["light load", "full load", 30] as const) {
    expect(describeMissedLimits(nearest, at)).toMatch(/^No placement found keeps these limits/);
    const cut = describeMissedLimits(nearest, at, "interrupted");
    expect(cut).toMatch(/^Interrupted before a placement and a rate were found .* nothing was/);
    const late = describeMissedLimits(nearest, at, "out of time");
    expect(late).toMatch(/^Out of time before .* more time \(--time-limit\)\.$/);
    expect(cut).toMatch(/ decode tokens\/s .*, (at full load|with .* arriving)\.$/);
  }
});
