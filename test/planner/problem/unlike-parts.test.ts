import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { findObstacle } from "../../../src/planner/problem/feasibility.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";

test("nodes that an engine keeps apart for their numbers of cards are not told to be linked", () => {
  const cluster = resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine: "vllm",
    model: "llama-3-70b",
    machines: {
      pair: { gpu: "H100-80GB", gpus: 2, tensorParallel: "whole" },
      four: { gpu: "A10G", gpus: 4, tensorParallel: "whole" },
    },
    nodes: [
      { id: "h", machine: "pair" },
      { id: "g", machine: "four" },
    ],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  });
  const obstacle = findObstacle(problemFor(cluster, {}))!;
  expect(obstacle.reason).toContain("vllm links no nodes of unlike numbers of cards");
  expect(obstacle.remedy).toContain("--tensor-parallel");
  expect(obstacle.remedy).not.toContain("network.links");
});
