import { expect, test } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import type { PriceList } from "../../src/formats/price-list-schema.js";
import { applyChanges } from "../../src/market/apply-changes.js";
import { writeBoughtFile } from "../../src/market/bought-file.js";
import { priceOfFile } from "../../src/market/entry-price.js";
import { listTrials } from "../../src/market/marginal-trials.js";
import { shelfOf } from "../../src/market/listed-machines.js";
import { openMarket, priceOf } from "../../src/market/market.js";
import { listExtras, withListedPrices } from "../../src/market/today.js";
import { describeSettled } from "../../src/report/left-out.js";
import { setPrice } from "../../src/playground/fleet.js";

const TODAY: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "two regions",
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4", pricePerHour: 0.5 }, a6: { gpu: "A6000" } },
  nodes: [
    { id: "l4", machine: "l4", region: "east", count: 2 },
    { id: "a6", machine: "a6", region: "west" },
  ],
  network: {
    withinRegion: { bandwidth: "10 Gb/s" },
    acrossRegions: { bandwidth: "1 Gb/s" },
  },
  coordinator: { region: "east" },
};
const LIST: PriceList = {
  format: "helix-place/prices@1",
  name: "list",
  date: "2026-11-01",
  machines: {
    l4: {
      pricePerHour: 0.7,
      availability: [
        { region: "east", count: 2 },
        { region: "west", count: 2, pricePerHour: 0.6 },
      ],
    },
    L40S: {
      pricePerHour: 1,
      availability: [
        { region: "east", count: 1 },
        { region: "west", count: 1, pricePerHour: 1.25 },
      ],
    },
  },
};

/** Without the machine that has no price. */
const PRICED: ClusterFile = { ...TODAY, nodes: TODAY.nodes.slice(0, 1) };

test("the file of a purchase costs what was paid for it, by region", () => {
  const market = openMarket(PRICED, LIST, false);
  const counts = [1, 2, 1, 1];
  expect(priceOf(market.offers, counts)).toBeCloseTo(0.7 + 1.2 + 1 + 1.25);
  expect(priceOfFile(writeBoughtFile(market, counts))).toBeCloseTo(0.7 + 1.2 + 1 + 1.25);
});

test("today's machines cost beside a purchase what they cost today", () => {
  const market = openMarket(PRICED, LIST, true);
  expect(priceOfFile(market.base)).toBeCloseTo(2 * 0.5);
  expect(priceOfFile(writeBoughtFile(market, [1, 0, 0, 0]))).toBeCloseTo(2 * 0.5 + 0.7);
});

test("machines that a scenario adds, or others become, cost what the list asks where they are", () => {
  const shelf = shelfOf(LIST, PRICED);
  const add = (region: string) => ({ kind: "add", count: 1, machine: "l4", region }) as const;
  const change = { name: "more", changes: [add("east"), add("west")] };
  const added = applyChanges(PRICED, change, shelf);
  expect(priceOfFile(added)).toBeCloseTo(2 * 0.5 + 0.7 + 0.6);
  const upgrade = { kind: "upgrade", count: Infinity, machine: "l4", to: "L40S" } as const;
  const upgraded = applyChanges(added, { name: "new", changes: [upgrade] }, shelf);
  expect(priceOfFile(upgraded)).toBeCloseTo(3 * 1 + 1.25);
});

test("today's machines without a price cost what the list asks where they are", () => {
  const { pricePerHour: _, ...l4 } = TODAY.machines["l4"]!;
  const nodes = [...PRICED.nodes, { id: "w", machine: "l4", region: "west" }];
  const free = { ...PRICED, machines: { l4 }, nodes };
  expect(priceOfFile(withListedPrices(free, LIST))).toBeCloseTo(2 * 0.7 + 0.6);
  expect(priceOfFile(withListedPrices(free, undefined))).toBeUndefined();
});

test("a machine more or less has its own price, whatever is known of the others", () => {
  const trials = listTrials({
    job: {
      name: "today",
      file: TODAY,
      planning: { gap: 0.01, seed: 1, partialInference: true, solver: "highs" },
    },
    placement: undefined,
    extras: listExtras({ file: TODAY }, LIST),
    shelf: shelfOf(LIST, TODAY),
    withMemory: false,
  });
  const machines = trials.filter(({ kind }) => kind === "machine");
  const prices = machines.map(({ change, what, pricePerHour }) => [change, what, pricePerHour]);
  expect(prices).toEqual([
    ["more", "1 × l4 in east", 0.7],
    ["more", "1 × a6 in west", undefined],
    ["more", "1 × l4 in west", 0.6],
    ["more", "1 × L40S in east", 1],
    ["more", "1 × L40S in west", 1.25],
    ["less", "1 × l4 in east", 0.5],
    ["less", "1 × a6 in west", undefined],
  ]);
});

test("a price given to a type of machine is that of all of them", () => {
  const shelf = shelfOf(LIST, PRICED);
  const change = { kind: "add", count: 1, machine: "l4", region: "west" } as const;
  const added = applyChanges(PRICED, { name: "more", changes: [change] }, shelf);
  expect(priceOfFile(setPrice(added, "l4", 2))).toBeCloseTo(6);
});

test("beside today's machines requests come in where they do today", () => {
  const { coordinator: _, ...open } = PRICED;
  expect(openMarket(open, LIST, true).base).not.toHaveProperty("coordinator");
  expect(openMarket(open, LIST, false).base.coordinator).toEqual({ region: "east" });
  const named = { ...LIST, coordinator: { region: "west" } };
  expect(openMarket(open, named, true).base).not.toHaveProperty("coordinator");
});

test("a machine that both files describe is the cluster file's as a whole, and that is said", () => {
  const l4 = { ...LIST.machines["l4"]!, gpus: 8, nic: "1 Gb/s", gpu: "L4" };
  const market = openMarket(PRICED, { ...LIST, machines: { l4 } }, true);
  expect(market.base.machines["l4"]).toEqual({ gpu: "L4", pricePerHour: 0.5 });
  expect(market.settled).toEqual([
    { path: "machines.l4.gpus", value: null, from: "cluster file", instead: 8 },
    { path: "machines.l4.nic", value: null, from: "cluster file", instead: "1 Gb/s" },
  ]);
  expect(describeSettled(market.settled)).toEqual([
    "machines.l4.gpus: nothing as in the cluster file, not 8 as on the price list",
    'machines.l4.nic: nothing as in the cluster file, not "1 Gb/s" as on the price list',
  ]);
});

test("where requests come in is said where the cluster file leaves it open", () => {
  const { coordinator: _, ...open } = PRICED;
  expect(describeSettled(openMarket(open, LIST, false).settled)).toEqual([
    'coordinator.region: "east", the first region on offer; the cluster file does not say',
  ]);
  const named = { ...LIST, coordinator: { region: "west" } };
  expect(describeSettled(openMarket(open, named, false).settled)).toEqual([
    'coordinator.region: "west", as on the price list; the cluster file does not say',
  ]);
  expect(openMarket(open, named, true).settled).toBeUndefined();
  expect(openMarket(PRICED, named, false).settled).toBeUndefined();
});

test("the file of a purchase keeps cards of its own that a machine lists one by one", () => {
  const gpus = { mine: { memory: "24 GB", bandwidth: "900 GB/s", tflops: 100 } };
  const machines = { box: { ...LIST.machines["l4"]!, cards: [{ gpu: "mine" }] } };
  const market = openMarket(PRICED, { ...LIST, gpus, machines }, false);
  expect(writeBoughtFile(market, [1, 0]).gpus).toEqual(gpus);
});
