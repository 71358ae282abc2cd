import { expect, test } from "vitest";
import { estimateNotes } from "../../src/core/estimate-notes.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";

/** What is assumed of how the cards of a machine in use, and of one that is only listed, work together. */
function assumed(own: object, whole: object = {}): readonly string[] {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "open",
    model: "llama-2-13b",
    workload: { promptTokens: 300, outputTokens: 100 },
    ...whole,
    machines: { box: { gpu: "L40S", gpus: 4, ...own }, listed: { gpu: "L4", gpus: 8 } },
    nodes: [{ id: "box", machine: "box" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
  });
  return (cluster.assumptions ?? []).map(({ what, where }) => `${where}: ${what}`);
}

test("a machine whose file leaves open how its cards work together is parted as the planner likes, which is said", () => {
  const [first, ...others] = assumed({});
  expect(first).toContain("machines.box.tensorParallel: how the 4 cards");
  expect(others).toEqual([]);
});

test("a machine of unlike cards is described by its cards, too: vLLM runs it by default", () => {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "unlike",
    model: "llama-2-13b",
    machines: { box: { cards: [{ gpu: "RTX-4090" }, { gpu: "RTX-3060-12GB" }] } },
    nodes: [{ id: "box", machine: "box", count: 2 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
  });
  expect(cluster.engine?.name).toBe("vllm");
});

test("alike cards listed one by one can work together, and that it is left open how is said", () => {
  const cluster = (cards: readonly object[]) =>
    resolveCluster("cluster.json", {
      format: "helix-place/cluster@1",
      name: "unlike",
      model: "llama-2-13b",
      workload: { promptTokens: 300, outputTokens: 100 },
      machines: { box: { cards } },
      nodes: [{ id: "box", machine: "box" }],
      network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    } as never);
  const [big, small] = [{ gpu: "RTX-4090" }, { gpu: "RTX-3060-12GB" }];
  const listed = cluster([big, big, small]);
  expect({ ...listed, assumptions: [] }).toEqual({
    ...cluster([{ ...big, count: 2 }, small]),
    assumptions: [],
  });
  const counts = ({ parting }: typeof listed): readonly number[] =>
    parting!.boxes.flatMap((box) =>
      box.kind === "host" ? box.rows.map(({ count }) => count) : [],
    );
  expect(counts(listed)).toEqual([2, 1]);
  expect(listed.assumptions!.map(({ what }) => what)).toEqual([
    "how the 2 RTX-4090 of machines.box work together is left open",
  ]);
  // Other memory, or another card between them: each is for itself.
  const apart = [
    [big, { ...big, freeMemory: "20 GB" }],
    [big, small, big],
  ];
  for (const cards of apart)
    expect(counts(cluster(cards)).every((count) => count === 1)).toBe(true);
  const notes = estimateNotes(cluster([big, small, big])).map(({ where }) => where);
  expect(notes).toHaveLength(2);
});

test("nothing is assumed where the file says it, where there is one card, and of the prototype of Helix", () => {
  expect(assumed({ tensorParallel: 4 })).toEqual([]);
  expect(assumed({ tensorParallel: "auto" })).toEqual([]);
  expect(assumed({ tensorParallel: "whole" })).toEqual([]);
  expect(assumed({}, { tensorParallel: 4 })).toEqual([]);
  expect(assumed({ gpus: 1 })).toEqual([]);
  expect(assumed({}, { engine: "helix" })).toEqual([]);
});
