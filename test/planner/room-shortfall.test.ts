import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { findObstacle } from "../../src/planner/problem/feasibility.js";
import { problemFor } from "../../src/serving/served/problem-for.js";

/** A cluster of one machine of each kind that is named, all described. */
function lab(...nodes: readonly string[]): ReturnType<typeof resolveCluster> {
  return resolveCluster("lab.json", {
    format: "helix-place/cluster@1",
    name: "lab",
    model: "llama-3.3-70b",
    machines: {
      pc: { gpu: "RTX 4090" },
      box: { gpu: "RTX 3090", gpus: 2 },
      old: { gpu: "P40", gpus: 2 },
    },
    nodes: nodes.map((machine, index) => ({ id: `${machine}-${index}`, machine })),
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
    gpus: { P40: { memory: "24 GB", bandwidth: "346 GB/s", tflops: 12 } },
  });
}

test("what is missing is said for the engine that holds most, in machines that can be added", () => {
  const cluster = lab("pc", "old", "box");
  const obstacle = findObstacle(problemFor(cluster, {}));
  expect(obstacle?.reason).toContain(`under ${cluster.engine!.name}`);
  expect(obstacle?.remedy).toMatch(/\d more pc .*\d more box .*\d more old/);
  // Nobody adds a part of a machine.
  expect(obstacle?.remedy).not.toContain("/tp");
  // Enough is enough: with so many more of a type there is room.
  const [, count] = /(\d+) more box/.exec(obstacle!.remedy)!;
  const more = lab("pc", "old", "box", ...Array.from({ length: Number(count) }, () => "box"));
  expect(findObstacle(problemFor(more, {}))).toBeUndefined();
});

test("machines that are left out are named, and no more of them proposed", () => {
  const cluster = lab("pc", "pc", "box");
  const drained = new Set([0, 1]);
  const problem = problemFor(cluster, {
    constraints: { ...problemFor(cluster, {}).constraints, drained },
  });
  const obstacle = findObstacle(problem);
  expect(obstacle?.reason).toContain("without pc-0, pc-1");
  expect(obstacle?.remedy).not.toContain("more pc");
});
