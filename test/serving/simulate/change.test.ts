import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { matchRunning } from "../../../src/formats/match-running.js";
import { resolveChange } from "../../../src/formats/read-change.js";
import type { ChangeFile } from "../../../src/formats/change-schema.js";
import type { Placement } from "../../../src/core/placement.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { replan } from "../../../src/serving/plan/replan.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import type { ObservedBatch } from "../../../src/serving/simulate/simulation-input.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const text = readFileSync("clusters/home-lab.json", "utf8");
const { cluster } = loadCluster("home-lab", text);
let held: Placement;
let change: ChangeFile;

beforeAll(async () => {
  const limits = { iterationLimit: 2, threads: 0, engine: "helix" } as const;
  const before = await plan(cluster, limits, createInlinePorts());
  if (before.kind !== "planned") throw new Error(before.kind);
  ({ held } = matchRunning("running", cluster, before.file));
  const empty = held.findIndex((interval) => interval !== null);
  const after = await replan(
    cluster,
    held,
    { ...limits, constraints: { ...UNCONSTRAINED, drained: new Set([empty]) } },
    createInlinePorts(),
  );
  if (after.kind !== "replanned") throw new Error(after.kind);
  ({ change } = after);
});

describe("a change under load", () => {
  test.each([
    [0, 50],
    [5, 400],
    [60, 400],
    [60, 900],
  ])("loses no request: %i s to drain, %i tokens/s", (drainSeconds, tokensPerSecond) => {
    const { steps } = resolveChange("change", cluster, change, held);
    const batches: ObservedBatch[] = [];
    const { result } = simulatePlacement(
      cluster,
      held,
      {
        engine: "helix",
        tokensPerSecond,
        warmupSeconds: 20,
        durationSeconds: 60,
        change: { steps, drainSeconds },
      },
      { batch: (batch) => void batches.push(batch) },
    );
    const { arrived, finished, rejected, inFlight, waiting } = result.requests;
    expect(arrived).toBeGreaterThan(0);
    expect(arrived).toBe(finished + rejected + inFlight + waiting);
    expect(rejected + inFlight + waiting).toBe(0);
    expect(Math.abs(result.kvLeft)).toBeLessThan(1e-6);
    expect(result.change!.complete).toBe(true);
    // A node runs nothing while it loads: neither as it was nor as it will be.
    let behind = cluster.nodes.length;
    result.change!.steps.forEach((run, at) => {
      expect(run.endSeconds - run.emptySeconds).toBeCloseTo(steps[at]!.seconds, 9);
      for (const { node, to } of steps[at]!.nodes) {
        const old = batches.filter((batch) => batch.node === node);
        expect(old.every(({ endSeconds }) => endSeconds <= run.emptySeconds + 1e-9)).toBe(true);
        if (to === null) continue;
        const twin = behind++;
        const fresh = batches.filter((batch) => batch.node === twin);
        expect(fresh.every(({ startSeconds }) => startSeconds >= run.endSeconds)).toBe(true);
        expect(fresh.every(({ layers }) => layers[0] >= to[0] && layers[1] <= to[1])).toBe(true);
      }
    });
  });

  test("without time to drain, requests under way are computed again, and counted", () => {
    const { steps } = resolveChange("change", cluster, change, held);
    const { result } = simulatePlacement(cluster, held, {
      engine: "helix",
      tokensPerSecond: 400,
      warmupSeconds: 20,
      durationSeconds: 60,
      change: { steps, drainSeconds: 0 },
    });
    expect(result.change!.steps.reduce((sum, step) => sum + step.recomputed, 0)).toBeGreaterThan(0);
  });

  test("as many requests as fit have no time of arrival: refused", () => {
    const { steps } = resolveChange("change", cluster, change, held);
    const run = (): unknown =>
      simulatePlacement(cluster, held, { engine: "helix", change: { steps, drainSeconds: 0 } });
    expect(run).toThrow(InputError);
  });
});

test("a change of another model, other nodes, or from another start is refused with every reason", () => {
  const other: ChangeFile = {
    ...change,
    model: { name: "gpt-2", layers: 12 },
    before: change.before.map((node, at) => (at === 0 ? { ...node, id: "nobody" } : node)),
  };
  try {
    resolveChange("change.json", cluster, other, held);
    expect.unreachable();
  } catch (error) {
    const paths = (error as InputError).problems.map(({ path }) => path);
    expect(paths).toEqual(["model", "before[0].id", "before"]);
  }
});
