import { expect, test } from "vitest";
import { chooseLikeAmp } from "../../src/training/amp-cost.js";
import { givenOrder } from "../../src/training/node-orders.js";
import { pipelineCost } from "../../src/training/pipeline-cost.js";
import { nodesOfRanks } from "../../src/training/rank-map.js";
import { enumerateStrategies } from "../../src/training/strategies.js";
import { transganLayers } from "../../src/training/transgan-layers.js";
import { partitionUniformly } from "../../src/training/uniform-partition.js";
import { publishedJob } from "./published-job.js";

/*
 * Single figures that the public AMP code prints for its GPT-2 experiments (arXiv 2210.07297).
 * bench/training-amp compares all 106 strategies where the reference file is at hand.
 */

function costOf(
  cluster: "homogeneous" | "heterogeneous",
  [tensorParallel, dataParallel, microBatch]: readonly [number, number, number],
  block: number,
): number {
  const job = publishedJob(cluster, { block, embedding: 0, head: 0 });
  const strategy = enumerateStrategies(job).find(
    (one) =>
      one.tensorParallel === tensorParallel &&
      one.dataParallel === dataParallel &&
      one.microBatch === microBatch,
  )!;
  return chooseLikeAmp(job, strategy, nodesOfRanks(job.cluster, givenOrder(job.cluster)))!.seconds;
}

test("both experiments have 53 strategies in AMP's order", () => {
  const job = publishedJob("homogeneous", { block: 1, embedding: 0, head: 0 });
  const strategies = enumerateStrategies(job);
  expect(strategies).toHaveLength(53);
  expect(strategies[4]).toEqual({
    microBatch: 1,
    tensorParallel: 1,
    dataParallel: 16,
    stages: 1,
    microBatches: 2,
  });
  expect(enumerateStrategies({ ...job, globalBatch: 64 })).toHaveLength(65);
});

test("single-stage strategies cost what AMP says", () => {
  // Printed cost of one pass and of the iteration; a single stage depends on the sum of layer times only.
  const pass1 = 0.4088408946990967;
  expect(costOf("homogeneous", [1, 16, 1], pass1 / 72) / 1.2442817687988281).toBeCloseTo(1, 5);
  expect(costOf("homogeneous", [1, 16, 2], pass1 / 72) / 1.2442817687988281).toBeCloseTo(1, 5);
  const pass2 = 1.6030561923980713 / 4;
  expect(costOf("heterogeneous", [2, 8, 4], pass2 / 72) / 2.598456382751465).toBeCloseTo(1, 5);
});

test("borders and gradient synchronisation are AMP's", () => {
  const job = publishedJob("heterogeneous", { block: 1, embedding: 1, head: 1 });
  const strategy = enumerateStrategies(job).find(
    (one) => one.stages === 4 && one.microBatch === 1 && one.tensorParallel === 1,
  )!;
  // AMP's [7, 7, 6, 10] of 30 layers, without its four reshapes.
  const { terms } = pipelineCost(job, strategy, [6, 7, 6, 7], givenOrder(job.cluster), "slowest");
  expect(terms.borders / 0.010066329734399915).toBeCloseTo(1, 6);
  expect(terms.gradientSync / 0.12384731389639299).toBeCloseTo(1, 6);
  const flat = publishedJob("homogeneous", { block: 1, embedding: 1, head: 1 });
  const halves = enumerateStrategies(flat).find(
    (one) => one.stages === 2 && one.dataParallel === 8,
  )!;
  const sync = pipelineCost(flat, halves, [14, 12], givenOrder(flat.cluster), "slowest").terms;
  expect(sync.gradientSync / 0.24313856497947778).toBeCloseTo(1, 6);
});

test("a single micro-batch is cut uniformly, remainder to the first stages", () => {
  const { layers } = publishedJob("homogeneous", { block: 1, embedding: 1, head: 1 });
  const reshape = { ...layers[0]!, kind: "other" } as const;
  const published = [
    layers[0]!,
    reshape,
    ...layers.slice(1, -1),
    reshape,
    reshape,
    layers[layers.length - 1]!,
    reshape,
  ];
  expect(partitionUniformly(published, 4)).toEqual([8, 6, 6, 10]);
  expect(partitionUniformly(published, 8)).toEqual([5, 3, 3, 3, 3, 3, 3, 7]);
  expect(partitionUniformly(published, 16)).toEqual([
    4, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 5,
  ]);
  expect(partitionUniformly(published, 26)).toBeUndefined();
});

test("of a model without a head, what is no block goes to the last stage", () => {
  for (const depth of [24, 18, 7]) {
    const { layers } = transganLayers({
      hidden: 1024,
      depth: [depth - 2, 0, 0, 0, 0, 2],
      bottom: 9,
      heads: 4,
    });
    for (let stages = 1; stages <= depth; stages++) {
      const counts = partitionUniformly(layers, stages)!;
      const blocks = counts.with(stages - 1, counts.at(-1)! - 1);
      const [each, more] = [Math.floor(depth / stages), depth % stages];
      expect(blocks).toEqual(counts.map((_, stage) => (stage < more ? each + 1 : each)));
    }
  }
  const { layers } = transganLayers({ hidden: 8, depth: [24, 0, 0, 0, 0, 0], bottom: 4, heads: 2 });
  // AMP's third experiment.
  expect(partitionUniformly(layers, 4)).toEqual([6, 6, 6, 7]);
  expect(partitionUniformly(layers, 16)).toEqual([
    ...Array.from({ length: 8 }, () => 2),
    ...Array.from({ length: 7 }, () => 1),
    2,
  ]);
});
