import { describe, expect, it } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import { fitEdge, type RateRun } from "../../../src/serving/served/fit-edge.js";

/** Runs at rates around 1000, whose limit is met by 1000 tokens/s that arrive. */
function runsWith(
  seed: number,
  { bursts = 0, noise = 0, growth = Infinity, alarms = 0, most = Infinity } = {},
) {
  const random = createRandom(seed);
  return [0.94, 0.97, 1, 1.03, 1.06].flatMap((share) =>
    Array.from({ length: 4 }, (): RateRun => {
      const arrived = 1000 * share * (1 + bursts * random.normal());
      return {
        rate: 1000 * share,
        arrived,
        over: 4 * Math.log(arrived / 1000) + noise * random.normal(),
        grows: share > growth || random.next() < alarms,
        served: Math.min(arrived, most),
      };
    }),
  );
}

describe("the edge of what keeps limits", () => {
  it("is where the line meets them, whatever arrived by chance", () => {
    const edge = fitEdge(runsWith(1, { bursts: 0.01 }), 980);
    expect(edge.by).toBe("limits");
    expect(edge.rate).toBeCloseTo(1000, 3);
    expect(edge.rate).toBeLessThan(1000);
    expect(edge.uncertainty).toBeLessThan(0.1);
  });

  it("lies on neither side of the truth on average, and within its uncertainty mostly", () => {
    const edges = Array.from({ length: 300 }, (_, seed) =>
      fitEdge(runsWith(seed, { bursts: 0.03, noise: 0.15 }), 1010),
    );
    const mean = edges.reduce((sum, { rate }) => sum + rate, 0) / edges.length;
    expect(Math.abs(mean - 1000)).toBeLessThan(3);
    const within = edges.filter(({ rate, uncertainty }) => Math.abs(rate - 1000) <= uncertainty);
    expect(within.length / edges.length).toBeGreaterThan(0.9);
  });

  it("is lower where queues grow, but not for a run here and there", () => {
    const grown = fitEdge(runsWith(2, { growth: 0.98 }), 1000);
    expect(grown).toEqual({ rate: 985, uncertainty: 15, by: "growth" });
    // A queue that grows too slowly to be told from chance grows all the same.
    const slowly = fitEdge(runsWith(2, { growth: 1.02, most: 990 }), 1000);
    expect(slowly.by).toBe("growth");
    expect(slowly.rate).toBeCloseTo(990, 6);
    for (let seed = 0; seed < 50; seed += 1)
      expect(fitEdge(runsWith(seed, { alarms: 0.2 }), 1000).by).toBe("limits");
  });
});
