import { expect, test } from "vitest";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { planPromised } from "../../../src/serving/plan/plan-promised.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { describeCarried } from "../../../src/report/plan-carried.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const cluster = resolveCluster("two", {
  format: "helix-place/cluster@1",
  name: "two",
  engine: "vllm",
  model: "llama-3-8b",
  workload: { promptTokens: 400, outputTokens: 50 },
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const LIMITS = { maxTimePerOutputToken: 0.2, statistic: "mean" } as const;
const ASKED = { objective: "goodput", limits: LIMITS, threads: 0 } as const;

/** Runs of what is promised; an interrupt comes before the one of that number, before all of them at 0. */
async function countRuns(interruptedAt: number, wantedRate?: number) {
  const known = await plan(cluster, { ...ASKED, iterationLimit: 1 }, createInlinePorts());
  const controller = new AbortController();
  let runs = 0;
  const ports = createInlinePorts();
  const breathe = (): Promise<void> => {
    runs += 1;
    if (runs === interruptedAt) controller.abort();
    return ports.breathe();
  };
  const { signal } = controller;
  const outcome = await planPromised(
    cluster,
    // Of what is kept for the runs a third is much for each.
    { ...ASKED, timeLimitSeconds: 20, signal, ...(wantedRate && { wantedRate }) },
    { ...ports, breathe },
    () => {
      if (interruptedAt === 0) controller.abort();
      return Promise.resolve(known);
    },
  );
  expect(outcome.kind).toBe("planned");
  return runs;
}

test("an interrupt ends the runs that make a promise surer, and keeps the plan", async () => {
  // Steps down to a rate that is kept stay, runs that would make it surer are left out.
  expect(await countRuns(3)).toBeLessThanOrEqual((await countRuns(Infinity)) - 3);
});

test("what an interrupted search promises is run again, unless a purchase does so itself", async () => {
  expect(await countRuns(0)).toBeGreaterThan(1);
  expect(await countRuns(0, 100)).toBe(0);
});

test("a rate that an interrupt left no time for is said to be that", async () => {
  const known = await plan(cluster, { ...ASKED, iterationLimit: 1 }, createInlinePorts());
  if (known.kind !== "planned") throw new Error(known.kind);
  const served = known.file.served!;
  if (served.at === "saturation") throw new Error("no rate");
  const at = { ...served.at, rate: 1e6 };
  const file: PlacementFile = {
    ...known.file,
    termination: "interrupted",
    served: { ...served, at },
  };
  const controller = new AbortController();
  const { signal } = controller;
  // Every look at this clock takes a second.
  let now = 0;
  const outcome = await planPromised(
    cluster,
    { ...ASKED, timeLimitSeconds: 20, signal },
    { ...createInlinePorts(), now: () => (now += 1) },
    () => Promise.resolve({ ...known, file }).finally(() => controller.abort()),
  );
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(outcome.file.served!.at).toEqual(at);
  const said = (each: PlacementFile): string => describeCarried(cluster, each).join("\n");
  expect(said(outcome.file)).toContain("simulate --rate 1000000 says whether it is kept");
  const confirmed = { ...file, served: { ...served, at: { ...at, confirmed: true } } } as const;
  expect(said(confirmed)).not.toContain("simulate --rate");
});
