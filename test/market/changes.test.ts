import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/core/errors.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { readPriceList } from "../../src/formats/price-list-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { applyChanges } from "../../src/market/apply-changes.js";
import { parseChange, parseMachineCount, parseScenario } from "../../src/market/change.js";
import { countNodes, idsOf } from "../../src/market/edit-nodes.js";
import { listGridScenarios, parseGrid, positionsOfShard } from "../../src/market/grid.js";
import { buyMix, openMarket, priceOf } from "../../src/market/market.js";
import { listLinkClasses, widenLinks } from "../../src/market/widen-links.js";

const TODAY: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "today",
  model: "llama-2-70b",
  machines: {
    a100: { gpu: "A100-40GB", nic: "10 Gb/s", pricePerHour: "3.67 $/h" },
    t4: { gpu: "T4", pricePerHour: "0.55 $/h" },
  },
  nodes: [
    { id: "a100", machine: "a100", region: "east", count: 4 },
    { id: "t4", machine: "t4", region: "east", count: 3 },
    { id: "old", machine: "t4", region: "west" },
  ],
  network: {
    withinRegion: { bandwidth: "10 Gb/s" },
    acrossRegions: { bandwidth: "1 Gb/s" },
    links: [{ from: "t4-2", to: "old", bandwidth: "100 Mb/s" }],
  },
  coordinator: { region: "east" },
};

const apply = (...changes: string[]): ClusterFile =>
  applyChanges(TODAY, { name: "x", changes: changes.map((text) => parseChange("--x", text)) });
const ids = (file: ClusterFile): readonly string[] => file.nodes.flatMap(idsOf);

describe("changes of a cluster file", () => {
  test("machines are added where their kind is, or where they are told to be", () => {
    expect(apply("add 2xa100").nodes.at(-1)).toMatchObject({ count: 2, region: "east" });
    expect(apply("add L4@west").nodes.at(-1)).toMatchObject({ machine: "L4", region: "west" });
    expect(apply("add 2xL40S").machines["L40S"]).toEqual({ gpu: "L40S" });
  });

  test("the last of a kind are removed, with their links", () => {
    const fewer = apply("remove 2xt4@east");
    expect(ids(fewer)).toEqual(["a100-0", "a100-1", "a100-2", "a100-3", "t4-0", "old"]);
    expect(fewer.network.links).toEqual([]);
    expect(ids(apply("remove 4xt4"))).toHaveLength(4);
  });

  test("an upgrade keeps ids and links", () => {
    const upgraded = apply("upgrade 2xt4@east=L4");
    expect(ids(upgraded)).toEqual(ids(TODAY));
    expect(countNodes(upgraded, { machine: "L4" })).toBe(2);
    expect(upgraded.network.links).toEqual(TODAY.network.links);
    expect(countNodes(apply("upgrade t4=L4"), { machine: "t4" })).toBe(0);
  });

  test.each([
    ["remove 5xt4", "4 machines t4"],
    ["remove 1xT4", "0 machines T4"],
    ["upgrade l4=a100", "0 machines l4"],
    ["add 2xnothing-of-the-kind", '"nothing-of-the-kind"'],
  ])("%s is refused", (text, found) => {
    expect(() => apply(text)).toThrow(InputError);
    expect(() => apply(text)).toThrow(found);
  });

  test.each([
    "add",
    "add 4xa100 6xl4",
    "grow 4xa100",
    "add 4xa100@",
    "upgrade t4",
    "upgrade t4=a=b",
  ])("%j is not understood, and said so", (text) =>
    expect(() => parseChange("--scenario", text)).toThrow(InputError),
  );

  test("a scenario has a name and its changes in order", () => {
    const scenario = parseScenario("--scenario", "swap: remove 4xt4; add 2xa100@west");
    expect(scenario.name).toBe("swap");
    expect(scenario.changes.map(({ kind }) => kind)).toEqual(["remove", "add"]);
  });

  test("setting counts reaches them from any cluster, and every edit resolves", () => {
    const count = fc.nat(6);
    fc.assert(
      fc.property(count, count, count, (a100, east, west) => {
        fc.pre(a100 + east + west > 0);
        const file = apply(`set ${a100}xa100`, `set ${east}xt4@east`, `set ${west}xt4@west`);
        expect(countNodes(file, { machine: "a100" })).toBe(a100);
        expect(countNodes(file, { machine: "t4", region: "east" })).toBe(east);
        expect(countNodes(file, { machine: "t4", region: "west" })).toBe(west);
        expect(resolveCluster("edited", file).nodes).toHaveLength(a100 + east + west);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  test("counts read back as they are written", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999 }),
        fc.constantFrom("a100", "T4x4", "x", "9xx"),
        fc.option(fc.constantFrom("us-east1", "r"), { nil: undefined }),
        (count, machine, region) => {
          const text = `${count}x${machine}${region === undefined ? "" : `@${region}`}`;
          const parsed = parseMachineCount("--add", text);
          expect(parsed).toEqual({ count, machine, ...(region === undefined ? {} : { region }) });
        },
      ),
      { seed: 9, numRuns: 100 },
    );
  });

  test("every class of links can be widened, and only it is", () => {
    const classes = listLinkClasses(TODAY);
    expect(classes.map(({ kind }) => kind)).toEqual(["within", "across", "listed", "nic"]);
    for (const links of classes) {
      const wider = widenLinks(TODAY, links, 1.25e8);
      expect(wider).not.toEqual(TODAY);
      expect(listLinkClasses(wider)).toEqual(classes);
    }
    expect(widenLinks(TODAY, { kind: "across" }, 1.25e8).network).toEqual({
      ...TODAY.network,
      acrossRegions: { bandwidth: 2.5e8 },
    });
  });
});

describe("grids", () => {
  test("every combination once, the last axis fastest", () => {
    const scenarios = listGridScenarios(parseGrid("--sweep", "a100@east=0..4:2,t4=0,3"));
    expect(scenarios.map(({ name }) => name)).toEqual([
      "0xa100@east 0xt4",
      "0xa100@east 3xt4",
      "2xa100@east 0xt4",
      "2xa100@east 3xt4",
      "4xa100@east 0xt4",
      "4xa100@east 3xt4",
    ]);
  });

  test.each(["a100", "a100=", "a100=3..1", "a100=0..4:0", "=1", "a100=1=2"])(
    "%j is refused",
    (text) => expect(() => parseGrid("--sweep", text)).toThrow(InputError),
  );

  test("shards part the scenarios", () => {
    const parts = [0, 1, 2].map((index) => positionsOfShard(10, index, 3));
    expect(parts.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("price lists", () => {
  const LIST = {
    format: "helix-place/prices@1",
    name: "list",
    date: "2025-06-01",
    machines: {
      a100: { availability: [{ region: "east", count: 2, pricePerHour: "4 $/h" }] },
      L4: { pricePerHour: 0.8, availability: [{ region: "west", count: 3 }] },
    },
    network: { regions: [{ between: ["west", "east"], bandwidth: "2 Gb/s" }] },
  };

  test("the cluster's own descriptions and links win; prices come from the list", () => {
    const market = openMarket(TODAY, readPriceList("list", LIST), true);
    expect(market.base.machines["a100"]).toMatchObject({ gpu: "A100-40GB", nic: "10 Gb/s" });
    expect(market.base.machines["L4"]).toMatchObject({ gpu: "L4" });
    expect(market.base.network.acrossRegions).toEqual(TODAY.network.acrossRegions);
    expect(market.base.network.regions).toHaveLength(1);
    expect(market.offers.map(({ pricePerHour }) => pricePerHour)).toEqual([4, 0.8]);
    expect(priceOf(market.offers, [2, 1])).toBeCloseTo(8.8);
    const bought = buyMix(market, [1, 2]);
    expect(resolveCluster("bought", bought).nodes).toHaveLength(11);
    expect(
      buyMix(openMarket(TODAY, readPriceList("list", LIST), false), [1, 0]).nodes,
    ).toHaveLength(1);
  });

  test("an offer without a price, a bad date and a machine nobody knows are refused", () => {
    const { pricePerHour: _, ...free } = LIST.machines.L4;
    const refused =
      (list: unknown): (() => unknown) =>
      () => {
        const prices = readPriceList("list", list);
        return openMarket(TODAY, prices, false);
      };
    expect(refused({ ...LIST, machines: { L4: free } })).toThrow("no price");
    expect(refused({ ...LIST, date: "June" })).toThrow(InputError);
    expect(refused({ ...LIST, machines: { Q9: LIST.machines.L4 } })).toThrow(
      "neither gpu, cards nor profile",
    );
  });
});

test("a name with a space is answered with names that have none, other slips are not", () => {
  const remedyOf = (parse: () => unknown): string => {
    try {
      parse();
    } catch (error) {
      return error instanceof InputError ? error.problems[0]!.remedy : "";
    }
    return "";
  };
  for (const parse of [
    () => parseMachineCount("--add", "2xRTX 4090"),
    () => parseChange("--scenario", "add 2xRTX 4090@here"),
    () => parseChange("--scenario", "upgrade t4=RTX 4090"),
  ]) {
    expect(remedyOf(parse)).toContain("helix-place gpus");
  }
  expect(remedyOf(() => parseChange("--scenario", "plus 2xt4"))).not.toContain("gpus");
  expect(remedyOf(() => parseMachineCount("--add", "@here"))).toBe("Correct it.");
});
