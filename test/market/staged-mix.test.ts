import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { truncatedSumBound } from "../../src/planner/coverings/compute-bounds.js";
import { loadSolver } from "../../src/math/solver/load-solver.js";
import { readPriceList } from "../../src/formats/price-list-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { measureThroughput } from "../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import { buyMix, openMarket, priceOf, type Market } from "../../src/market/market.js";
import { buildMixProblem, selectMix } from "../../src/market/mix-problem.js";
import { chooseRegionRoute } from "../../src/market/region-route.js";
import { createStagedMixes } from "../../src/market/staged-mix.js";
import { randomMarket } from "./random-market.js";

const solver = await loadSolver("highs");
const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

function open(market: Market, partialInference: boolean) {
  const everything = resolveCluster(
    "all",
    buyMix(
      market,
      market.offers.map(({ available }) => available),
    ),
  );
  const problem = buildMixProblem(everything, market.offers, partialInference);
  const measure = (counts: readonly number[], placement: Parameters<typeof measureThroughput>[1]) =>
    measureThroughput(
      {
        cluster: selectMix(everything, market.offers, counts),
        partialInference,
        constraints: UNCONSTRAINED,
      },
      placement,
    );
  return { everything, problem, measure, mixes: createStagedMixes(problem, solver, () => false) };
}

let found = 0;

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  "a staged mix is on offer, within the price, and carries what it says (market %i)",
  (seed) => {
    const thick = { bandwidth: 1e9 };
    const drawn = randomMarket(seed);
    const market = {
      ...drawn,
      base: { ...drawn.base, network: { withinRegion: thick, acrossRegions: thick } },
    };
    const partialInference = seed % 2 === 0;
    const { problem, measure, mixes } = open(market, partialInference);
    const most =
      0.7 *
      priceOf(
        market.offers,
        market.offers.map(({ available }) => available),
      );
    const classes = problem.classes.map(({ options }) => ({ nodes: [], options }));
    const mix = mixes.most(most, truncatedSumBound(classes, problem.layers, problem.groups));
    if (mix === undefined) return;
    found++;
    expect(priceOf(market.offers, mix.counts)).toBeLessThanOrEqual(most * (1 + 1e-9));
    expect(mix.pricePerHour).toBeCloseTo(priceOf(market.offers, mix.counts), 9);
    mix.counts.forEach((count, offer) => {
      expect(count).toBeLessThanOrEqual(problem.offers[offer]!.available);
    });
    expect(measure(mix.counts, mix.placement)).toBeGreaterThanOrEqual(mix.flow * (1 - 1e-9));

    const same = mixes.cheapest(mix.flow * (1 - 1e-9), most);
    expect(same?.pricePerHour ?? Infinity).toBeLessThanOrEqual(mix.pricePerHour * (1 + 1e-9));
    expect(measure(same!.counts, same!.placement)).toBeGreaterThanOrEqual(mix.flow * (1 - 1e-8));
  },
);

test("most random markets have a staged mix", () => {
  expect(found).toBeGreaterThanOrEqual(8);
});

test("stages of several regions follow one another over links that carry them", () => {
  const today = read("clusters/cloud-mix.json") as ClusterFile;
  const prices = readPriceList("prices", read("clusters/prices-example.json"));
  const { everything, measure, mixes } = open(openMarket(today, prices, false), true);
  const flow = 45_000;
  const mix = mixes.cheapest(flow, 200)!;
  const regions = new Set(
    selectMix(everything, openMarket(today, prices, false).offers, mix.counts).nodes.map(
      ({ region }) => region,
    ),
  );
  expect(regions.size).toBeGreaterThan(1);
  expect(measure(mix.counts, mix.placement)).toBeGreaterThanOrEqual(flow);
});

test("the route of regions avoids the thinnest link", () => {
  const link = (bandwidthBytesPerSecond: number) => ({
    bandwidthBytesPerSecond,
    latencySeconds: 0,
  });
  const { everything } = open(randomMarket(1), true);
  const thin = link(1000 * 5);
  const wide = link(1000 * 50);
  const byRegion = [
    [wide, thin, wide],
    [thin, wide, wide],
    [wide, wide, wide],
  ];
  const route = chooseRegionRoute({
    ...everything,
    regions: ["a", "b", "c"],
    network: { byRegion, exceptions: new Map() },
  });
  expect(route.regions[1]).toBe("c");
  expect(route.entry).toEqual([Infinity, 50, 5]);
});
