import { describe, expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { orderSteps } from "../../../src/planner/change/order-steps.js";
import { findQuickOrder } from "../../../src/planner/change/quick-order.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { choicesOf, maxFlowOf } from "../../support/brute-force.js";
import { createDraw, drawTinyCluster } from "../../support/tiny-cluster.js";

/** All ways to cut a set into a first step and the rest, and the rest likewise. */
function listOrders(nodes: readonly number[]): readonly (readonly (readonly number[])[])[] {
  if (nodes.length === 0) return [[]];
  const orders: (readonly (readonly number[])[])[] = [];
  for (let mask = 1; mask < 1 << nodes.length; mask++) {
    const first = nodes.filter((_, at) => ((mask >> at) & 1) === 1);
    const rest = nodes.filter((_, at) => ((mask >> at) & 1) === 0);
    for (const order of listOrders(rest)) orders.push([first, ...order]);
  }
  return orders;
}

describe("steps next to every order there is", () => {
  let [kept, impossible] = [0, 0];

  test.each(Array.from({ length: 120 }, (_, seed) => seed))("case %i", (seed) => {
    const draw = createDraw(seed + 5);
    const cluster = drawTinyCluster(seed);
    const partialInference = draw(2) === 0;
    const problem = { cluster, partialInference, constraints: UNCONSTRAINED };
    const any = (): Placement =>
      cluster.nodes.map((_, node): LayerInterval | null => {
        const choices = choicesOf(problem, node);
        return choices[draw(choices.length)]!;
      });
    const [held, target] = [any(), any()];
    const seconds = cluster.nodes.map(() => draw(4));
    const flow = (placement: Placement): number => maxFlowOf(cluster, placement, partialInference);
    const floor = [0.3, 0.6, 1][draw(3)]! * flow(target);
    const changed = [...target.keys()].filter((k) => held[k]?.join() !== target[k]?.join());
    let best = { below: Infinity, seconds: Infinity };
    let bestFloor = -Infinity;
    let possible = false;
    for (const order of listOrders(changed)) {
      const now = [...held];
      let [below, total, least, keeps] = [0, 0, Infinity, true];
      for (const step of order) {
        for (const node of step) now[node] = null;
        const left = flow(now);
        const longest = Math.max(...step.map((node) => seconds[node]!));
        least = Math.min(least, left);
        total += longest;
        if (left < floor) {
          below += longest;
          keeps = false;
        }
        for (const node of step) now[node] = target[node]!;
      }
      possible ||= keeps;
      bestFloor = Math.max(bestFloor, least);
      if (below < best.below || (below === best.below && total < best.seconds))
        best = { below, seconds: total };
    }
    const found = orderSteps(problem, held, target, {
      floor,
      seconds: (node) => seconds[node]!,
      shouldStop: () => false,
    });
    expect(found.proven).toBe(true);
    expect(found.keepsFloor).toBe(possible);
    expect(found.secondsBelow).toBe(best.below);
    if (possible) expect(found.seconds).toBe(best.seconds);
    expect(found.bestFloor).toBe(bestFloor);
    // What is said of every placement on the way.
    const now = [...held];
    for (const { nodes, during, after, throughputDuring } of found.steps) {
      for (const node of nodes) now[node] = null;
      expect(during).toEqual(now);
      expect(throughputDuring).toBeCloseTo(flow(now), 6);
      for (const node of nodes) now[node] = target[node]!;
      expect(after).toEqual(now);
    }
    expect(now).toEqual(target);
    if (possible) kept += 1;
    else impossible += 1;
    if (changed.length === 0) return;
    // The quick order claims no more than what is possible, and changes every node once.
    const quick = findQuickOrder(
      {
        nodes: changed,
        seconds: changed.map((node) => seconds[node]!),
        floor,
        flow: (done, out) =>
          flow(
            held.map((interval, node) => {
              const at = changed.indexOf(node);
              return out.has(at) ? null : done.has(at) ? target[node]! : interval;
            }),
          ),
      },
      () => false,
    );
    expect(quick.sets.flat().toSorted((a, b) => a - b)).toEqual([...changed.keys()]);
    expect(quick.bestFloor).toBeLessThanOrEqual(bestFloor);
  });

  test("both answers came up", () => {
    expect(kept).toBeGreaterThan(20);
    expect(impossible).toBeGreaterThan(20);
  });
});
