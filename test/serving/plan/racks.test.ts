import { expect, test } from "vitest";
import { fillRow, partCluster } from "../../../src/core/parting.js";
import { clusterUnder } from "../../../src/engines/cluster-under.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import {
  assignPatterns,
  countPatterns,
  listPartClasses,
} from "../../../src/planner/parts/part-groups.js";
import { describeLikeness } from "../../../src/serving/served/chains/chain-layers.js";

const CARDS = 72;
const { cluster } = clusterUnder(
  resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "racks",
    engine: "vllm",
    model: "llama-2-13b",
    workload: { promptTokens: 300, outputTokens: 30 },
    machines: { rack: { gpu: "L4", gpus: CARDS, nic: "10 Gb/s" } },
    nodes: [{ id: "n", machine: "rack", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    coordinator: {},
  }),
  {},
);

test("ways to share out the cards of a rack are counted as what they are", () => {
  const { groups } = listPartClasses(cluster, new Set());
  const [{ patterns, machines }] = groups as [(typeof groups)[0]];
  expect(patterns.length).toBeGreaterThan(1);
  for (const at of patterns.keys()) {
    const counts = [patterns.map((_, pattern) => (pattern === at ? machines : 0))];
    expect(countPatterns(groups, assignPatterns(cluster, groups, counts))).toEqual(counts);
  }
});

test("what a chain is like is told without a look at all cards of its machines each time", () => {
  let looks = 0;
  const parted = partCluster(
    cluster,
    cluster.parting!.boxes.map((box) =>
      box.kind === "node" ? [] : box.rows.map((row) => fillRow(row, 1)),
    ),
  );
  const nodes = new Proxy(parted.nodes, {
    get(target, name, self) {
      looks += 1;
      return Reflect.get(target, name, self) as unknown;
    },
  });
  const watched = { ...parted, nodes };
  const chain = (first: number): string =>
    describeLikeness(watched, {
      nodes: [first, 100],
      layers: [[0, 20] as const, [20, 40] as const],
    });
  expect(chain(0)).toMatch(/\/0of72:20 .*\/1of72:20$/);
  looks = 0;
  for (let first = 0; first < CARDS; first += 1) chain(first);
  expect(looks).toBeLessThan(CARDS * 10);
});
