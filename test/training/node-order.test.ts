import { expect, test } from "vitest";
import { DEFAULT_EXACT_OPTIONS } from "../../src/training/exact-search.js";
import { DEFAULT_TRAIN_OPTIONS, train } from "../../src/training/train.js";
import { publishedJob } from "./published-job.js";

test("moving the odd node off the end pays on three V100 nodes and a T4 node", () => {
  // Means of AMP's published profile, per kind of layer, averaged over the cluster.
  const job = publishedJob("heterogeneous", { block: 0.0043, embedding: 0.0005, head: 0.0036 });
  const rules = { ...DEFAULT_EXACT_OPTIONS, timing: "average" } as const;
  const options = { ...DEFAULT_TRAIN_OPTIONS, top: 1 };
  const given = train(job, { ...options, exact: { ...rules, nodeOrder: "given" } });
  const searched = train(job, { ...options, exact: rules });
  expect(searched.plans[0]!.seconds).toBeLessThan(given.plans[0]!.seconds * 0.98);
  expect(searched.plans[0]!.nodeOrder[3]).not.toBe("node-3");
  expect(searched.allOrders).toBe(true);
  expect(given.allOrders).toBe(false);
});

test("stopping after the best plans leaves the same plans in front", () => {
  const job = publishedJob("heterogeneous", { block: 0.0043, embedding: 0.0005, head: 0.0036 });
  const all = train(job, { ...DEFAULT_TRAIN_OPTIONS, top: Infinity });
  const few = train(job, { ...DEFAULT_TRAIN_OPTIONS, top: 4 });
  expect(few.plans.map((plan) => plan.seconds)).toEqual(
    all.plans.slice(0, 4).map((plan) => plan.seconds),
  );
  expect(few.bound).toBe(all.bound);
  expect(all.counts.dominated).toBe(0);
  expect(few.counts.dominated).toBeGreaterThan(0);
  for (const plan of all.plans) {
    expect(plan.fitsMemory).toBe(true);
    expect(plan.bound! / plan.seconds).toBeCloseTo(1, 9);
    expect(new Set(plan.ranks.map(({ node, gpu }) => `${node} ${gpu}`)).size).toBe(16);
  }
});
