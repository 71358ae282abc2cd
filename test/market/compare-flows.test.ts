import { expect, test } from "vitest";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { compareFlows } from "../../src/market/compare-flows.js";
import { findMarginalValues } from "../../src/market/marginal-values.js";
import { EMPTY_SHELF } from "../../src/market/apply-changes.js";
import { planScenario, type PlannedScenario, type ScenarioJob } from "../../src/market/scenario.js";
import { createInlineScenarioCrew } from "../../src/market/scenario-crew.js";
import { createInlinePorts } from "../support/inline-ports.js";

/** Three machines, each of which holds the model. */
const file: ClusterFile = {
  format: "helix-place/cluster@1",
  name: "three",
  model: "llama-3-8b",
  workload: { promptTokens: 300, outputTokens: 100 },
  machines: { a: { gpu: "A100-40GB" } },
  nodes: [{ id: "a", machine: "a", count: 3 }],
  network: { withinRegion: { bandwidth: "10 Gb/s" } },
};
const job: ScenarioJob = {
  name: "today",
  file,
  planning: {
    iterationLimit: 1,
    gap: 0.01,
    seed: 1,
    partialInference: true,
    solver: "highs",
    objective: "flow",
  },
};
const ports = createInlinePorts();
const rest = { tell: () => undefined, signal: undefined };

test("what flows are compared with is a plan that there is", async () => {
  const two = { ...file, nodes: [{ id: "a", machine: "a", count: 2 }] };
  const poor = await planScenario({ ...job, file: two }, ports);
  const planned = await planScenario(job, ports);
  const trial = {
    what: "1 Gb/s",
    kind: "bandwidth",
    change: "more",
    holds: () => true,
    job,
  } as const;
  const crew = createInlineScenarioCrew(ports);
  const time = { now: () => 0, until: Infinity };
  const { best, values } = await compareFlows({ job, today: poor, crew, time, ...rest }, [
    { trial, planned },
  ]);
  expect(planned.result.throughput).toBeGreaterThan(1.4 * poor.result.throughput);
  expect(best.result.throughput).toBeCloseTo(planned.result.throughput, 6);
  expect(best.placement!.throughput).toBe(best.result.throughput);
  expect(values[0]!.gain).toBeCloseTo(0, 6);
});

test("without a limit of time no row is given one", async () => {
  const served = { decodeTokensPerSecond: 100, uncertainty: 5, at: "saturation" };
  const result = { name: "today", outcome: "planned", throughput: 400, served };
  const today = { result } as unknown as PlannedScenario;
  const limits = new Set<number | undefined>();
  const inline = createInlineScenarioCrew(ports);
  const crew = {
    ...inline,
    run: (one: ScenarioJob) => {
      limits.add(one.planning.timeLimitSeconds);
      return Promise.resolve(today);
    },
  };
  const time = { now: () => 0, until: Infinity };
  await findMarginalValues({ job, today, extras: [], shelf: EMPTY_SHELF, crew, time });
  expect([...limits]).toEqual([undefined]);
});
