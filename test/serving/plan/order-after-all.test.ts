import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { replan } from "../../../src/serving/plan/replan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

test("few nodes change in the best order though the search has used up its time", async () => {
  const cluster = resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine: "vllm",
    model: "qwen-2.5-14b",
    machines: { card: { gpu: "RTX 4090" } },
    nodes: [{ id: "n", machine: "card", count: 4 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  });
  const held = [
    [0, 24],
    [24, 48],
    [0, 24],
    [24, 48],
  ] as const;
  const ports = createInlinePorts();
  let seconds = 0;
  // A clock that has run out by the end of the search, and stands still then.
  const late = { ...ports, now: () => (seconds = Math.min(21, seconds + 0.5)) };
  const outcome = await replan(
    cluster,
    held,
    {
      objective: "flow",
      threads: 0,
      timeLimitSeconds: 20,
      partialInference: false,
      constraints: { ...UNCONSTRAINED, chainsOnly: true, drained: new Set([0]) },
    },
    late,
  );
  if (outcome.kind !== "replanned") throw new Error(outcome.kind);
  const { steps, floor } = outcome.change;
  // The node that loads does so while the other pipeline serves.
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(0);
  expect(floor.proven).toBe(true);
  expect(floor.secondsBelow).toBe(0);
});
