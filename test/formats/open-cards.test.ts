import { expect, test } from "vitest";
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

test("nothing is assumed where the file says it, where there is one card, and of the prototype of Helix", () => {
  expect(assumed({ tensorParallel: 4 })).toEqual([]);
  expect(assumed({ tensorParallel: "auto" })).toEqual([]);
  expect(assumed({ tensorParallel: "whole" })).toEqual([]);
  expect(assumed({}, { tensorParallel: 4 })).toEqual([]);
  expect(assumed({ gpus: 1 })).toEqual([]);
  expect(assumed({}, { engine: "helix" })).toEqual([]);
});
