import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Two of a kind: with a wide gap the search for flow ends at once. */
const cluster = resolveCluster("one", {
  format: "helix-place/cluster@1",
  name: "one",
  engine: "vllm",
  model: "llama-3-8b",
  workload: { promptTokens: 760, outputTokens: 230 },
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const LIMITS = { maxTimePerOutputToken: 0.2, statistic: "mean" } as const;

/** `first` happens once a first placement has kept the limits at some rate. */
async function end(
  options: Partial<PlanOptions>,
  first: (clock: { seconds: number }) => void = () => {},
) {
  const clock = { seconds: 0 };
  const ports = { ...createInlinePorts(), now: () => clock.seconds };
  let kept = false;
  const outcome = await plan(
    cluster,
    {
      objective: "goodput",
      limits: LIMITS,
      gap: 0.5,
      threads: 0,
      ...options,
      onProgress: ({ event, strategy }) => {
        if (kept || event !== "served" || !strategy.startsWith("the highest rate")) return;
        kept = true;
        first(clock);
      },
    },
    ports,
  );
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  expect(kept).toBe(true);
  return outcome.file.termination;
}

test("a plan within limits that had no time for all rates says so, whatever ended the search for flow", async () => {
  const late = await end({ iterationLimit: 1, timeLimitSeconds: 10 }, (clock) => {
    clock.seconds += 8;
  });
  expect(late).toBe("time-limit");
});

test("one that tried all of them says what ended the search for flow", async () => {
  expect(await end({ iterationLimit: 1 })).toBe("gap");
});

test("a plan within limits that was interrupted among rates says so", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  expect(await end({ iterationLimit: 1, signal }, () => controller.abort())).toBe("interrupted");
});

test("a plan for what is served whose chains had no time to be made anew says so, whatever ended the search for flow", async () => {
  const endServed = async (late: boolean): Promise<string> => {
    let seconds = 0;
    let carried = false;
    const inline = createInlinePorts();
    const outcome = await plan(
      cluster,
      {
        objective: "served",
        chooseBatchTokens: false,
        gap: 0.5,
        threads: 0,
        timeLimitSeconds: 10,
        onProgress: ({ event }) => {
          carried ||= event === "incumbent";
        },
      },
      {
        ...inline,
        now: () => seconds,
        // The search for flow waits for nothing; chains breathe between moves.
        schedule: (wait, action) => {
          if (late && carried && wait === 0) seconds = 9;
          return inline.schedule(wait, action);
        },
      },
    );
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    return outcome.file.termination;
  };
  expect(await endServed(true)).toBe("time-limit");
  expect(await endServed(false)).toBe("gap");
});

test("where time was out before low rates had a run, none is said to break the limits", async () => {
  const home = resolveCluster("home", JSON.parse(readFileSync("clusters/home-lab.json", "utf8")));
  // Of machines so slow as these, the first run at a rate is the last one on some.
  for (const slow of [0.4, 0.36, 0.37, 0.38, 0.35, 0.34]) {
    let seconds = 0;
    const ports = { ...createInlinePorts(), now: () => (seconds += slow) };
    const asked = { objective: "goodput", limits: LIMITS, timeLimitSeconds: 10 } as const;
    const outcome = await plan(
      home,
      { ...asked, gap: 0.5, chooseBatchTokens: false, threads: 0 },
      ports,
    );
    if (outcome.kind !== "limits-missed") continue;
    expect(outcome.nearest.timePerOutputToken.mean).toBeLessThan(LIMITS.maxTimePerOutputToken);
    expect(outcome).toMatchObject({ outOfTime: true, at: expect.any(Number) });
    return;
  }
  expect.fail("no plan ran out of time at its first rate");
});
