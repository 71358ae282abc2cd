import { expect, test } from "vitest";
import type { ClusterFile, NetworkEntry } from "../../src/formats/cluster-schema.js";
import { applyChanges, EMPTY_SHELF } from "../../src/market/apply-changes.js";
import type { Change } from "../../src/market/change.js";
import { standBeside, todayBeside } from "../../src/market/stand-beside.js";
import { describeBeside } from "../../src/report/purchase-beside.js";
import { summarisePurchase } from "../../src/report/what-if-purchase.js";
import { describeRows } from "../../src/report/what-if-notes.js";

const FILE: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "one region",
  model: "llama-3-8b",
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "l4", machine: "l4", region: "east" }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
  coordinator: { region: "east" },
};
const LISTED: NetworkEntry = {
  acrossRegions: { bandwidth: "2 Gb/s", latency: "30 ms" },
  regions: [{ between: ["west", "east"], bandwidth: "4 Gb/s" }],
};

function networkAfter(file: ClusterFile, ...regions: readonly string[]): NetworkEntry {
  const changes = regions.map((region): Change => ({
    kind: "add",
    count: 1,
    machine: "l4",
    region,
  }));
  return applyChanges(file, { name: "more", changes }, { ...EMPTY_SHELF, network: LISTED }).network;
}

test("machines added in a new region have the links of the price list, as bought ones have", () => {
  const [pair] = LISTED.regions!;
  expect(networkAfter(FILE, "west").regions).toEqual([pair]);
  expect(networkAfter(FILE, "west", "south").regions).toEqual([
    pair,
    { between: ["east", "south"], ...LISTED.acrossRegions },
    { between: ["west", "south"], ...LISTED.acrossRegions },
  ]);
  expect(networkAfter(FILE, "east")).toEqual(FILE.network);
});

test("what the cluster says of links stays", () => {
  const slow = { bandwidth: "1 Gb/s" };
  const network = { ...FILE.network, acrossRegions: slow };
  expect(networkAfter({ ...FILE, network }, "south")).toEqual(network);
  const regions = [{ between: ["east", "west"] as [string, string], ...slow }];
  const named = { ...FILE.network, regions };
  expect(networkAfter({ ...FILE, network: named }, "west")).toEqual(named);
});

test("where today's machines name no region, the list's class for all regions is that to the new one", () => {
  const { coordinator: _, ...open } = FILE;
  const file = { ...open, nodes: [{ id: "l4", machine: "l4" }] };
  expect(networkAfter(file, "west")).toEqual({
    ...FILE.network,
    acrossRegions: LISTED.acrossRegions,
  });
});

const none = { nodes: 1, throughput: 0, bottleneck: [], reason: "there is no link" } as const;

test("what serves nothing beside a purchase says why, and missed limits are not a reason", () => {
  const budget = { kind: "budget", dollarsPerHour: 1 } as const;
  const today = todayBeside({ ...none, name: "today", outcome: "infeasible" });
  expect(describeBeside(today, budget)).toBe("beside it, today serves nothing: there is no link");
  const missed = { ...none, name: "bought", outcome: "limits-missed" } as const;
  expect(standBeside("one machine type", { mix: [], result: missed })).not.toHaveProperty("reason");
});

test("a target that today's machines miss is not said to be what they do", () => {
  const goal = { kind: "target", tokensPerSecond: 100 } as const;
  const rates = { decodeTokensPerSecond: 10, promptTokensPerSecond: 30 };
  const run = { timeToFirstToken: 1, timePerOutputToken: 0.1, concurrency: 4 };
  const served = { ...rates, ...run, at: "saturation", by: "simulation" } as const;
  const planned = { name: "bought", outcome: "planned", nodes: 1, throughput: 50 } as const;
  const text = summarisePurchase({
    goal,
    mix: [],
    pricePerHour: 0,
    bound: 0,
    gap: 0,
    searchThroughput: 50,
    capacities: "given",
    reference: "everything on offer",
    rounds: 1,
    mixesPlanned: 1,
    result: { ...planned, bottleneck: [], unlinked: 1, served },
    placement: undefined,
    file: undefined,
  });
  expect(text).toContain("No mix that was tried serves 100.0 tokens/s");
  expect(text).toContain("Nothing: no mix that was tried serves more than today's machines do.");
  expect(text).not.toContain("today's machines do it");
  expect(text).toContain("idle (what is bought: 1)");
});

test("a marginal value of a machine that no link leads to says so", () => {
  const value = { what: "1 × l4 in west", kind: "machine", change: "more" } as const;
  const figures = { throughput: 0, gain: 0, noise: 0, unlinked: 1 };
  const [line] = describeRows([], [{ ...value, ...figures }]);
  expect(line).toContain("no links lead to and from, idle (one more: 1 × l4 in west: 1)");
});
