import { expect, test } from "vitest";
import { listUnlinked } from "../../src/core/unlinked.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { describeUnlinked, describeUnlinkedRows } from "../../src/report/unlinked-nodes.js";

const cluster = (network: object) =>
  resolveCluster("islands", {
    format: "helix-place/cluster@1",
    name: "islands",
    model: "llama-3-8b",
    machines: { l4: { gpu: "L4" } },
    nodes: [
      { id: "a", machine: "l4", region: "x" },
      { id: "b", machine: "l4", region: "y" },
      { id: "c", machine: "l4", region: "z" },
    ],
    coordinator: { region: "x" },
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" }, ...network },
  });
const wire = { bandwidth: "1 Gb/s", latency: "9 ms" };

test("nodes that no links lead to, or none back, are said to stay idle", () => {
  const apart = cluster({ regions: [{ between: ["x", "y"], ...wire }] });
  expect(listUnlinked(apart)).toEqual([2]);
  expect(describeUnlinked(apart)).toEqual([expect.stringContaining("from c, which stays idle")]);
  // Reached by way of another region; and reached, but with no way back.
  const way = [
    { between: ["x", "y"], ...wire },
    { between: ["y", "z"], ...wire },
  ];
  expect(listUnlinked(cluster({ regions: way }))).toEqual([]);
  expect(listUnlinked(cluster({ links: [{ from: "a", to: "b", ...wire }] }))).toEqual([1, 2]);
  expect(describeUnlinked(cluster({ acrossRegions: wire }))).toEqual([]);
  const row = {
    name: "more",
    outcome: "planned",
    nodes: 3,
    throughput: 1,
    bottleneck: [],
  } as const;
  expect(describeUnlinkedRows([row])).toEqual([]);
  expect(describeUnlinkedRows([{ ...row, unlinked: 2 }])[0]).toContain("idle (more: 2)");
});

test("an engine without code for the model is planned for where somebody asks for it, and that is said", () => {
  const file = {
    format: "helix-place/cluster@1",
    name: "one",
    model: "qwen-2.5-7b",
    machines: { l4: { gpu: "L4" } },
    nodes: [{ id: "a", machine: "l4" }],
    network: { withinRegion: wire },
  };
  const effects = (name: "petals" | "parallax") =>
    (resolveCluster("one", file, undefined, { name }).assumptions ?? [])
      .map(({ effect }) => effect)
      .join();
  expect(effects("petals")).toContain("this model is of the family qwen2");
  expect(effects("parallax")).not.toContain("family");
});
