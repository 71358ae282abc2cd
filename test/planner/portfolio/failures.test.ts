import { expect, test } from "vitest";
import type { Solver } from "../../../src/math/lp/solver.js";
import type { SearchPorts } from "../../../src/planner/portfolio/search.js";
import { plan } from "../../../src/serving/plan/plan.js";
import { describeFailures, summarizePlan } from "../../../src/report/plan-summary.js";
import { randomProblem } from "../../support/random-problem.js";
import { createInlinePorts } from "../../support/inline-ports.js";

const inline = createInlinePorts();

/** A solver of which every call throws: what every strategy that needs one then does. */
const brokenSolver = (): Solver =>
  new Proxy({} as Solver, {
    get(_, key) {
      if (key === "name" || key === "version") return "broken";
      if (key === "then") return undefined;
      throw new Error("solver out of order");
    },
  });

const broken: SearchPorts = { ...inline, loadSolver: async () => brokenSolver() };

test.each([{ iterationLimit: 2 }, { timeLimitSeconds: 2 }])(
  "a strategy that throws is named in the file, and the others go on: %o",
  async (limit) => {
    const { cluster } = randomProblem(3, { nodes: [4, 4], layers: [4, 4], thin: 0, missing: 0 });
    const events: string[] = [];
    const outcome = await plan(
      cluster,
      {
        gap: 0,
        threads: 0,
        ...limit,
        onProgress: ({ event, strategy }) => events.push(`${event} ${strategy}`),
      },
      broken,
    );
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    const { strategies } = outcome.file.solve;
    const failed = strategies.filter((entry) => entry.failed !== undefined);
    expect(failed.map(({ failed: why }) => why)).toContain("Error: solver out of order");
    expect(new Set(failed.map((entry) => entry.strategy)).size).toBe(failed.length);
    expect(strategies.some((entry) => entry.throughput !== undefined)).toBe(true);
    expect(events).toContain("failed stages");
    expect(describeFailures(strategies)).toHaveLength(failed.length);
    expect(describeFailures(strategies)[0]).toContain("solver out of order");
  },
);

test("a crew that can run nothing any more loses nothing that was found", async () => {
  const { cluster } = randomProblem(3, { nodes: [4, 4], layers: [4, 4], thin: 0, missing: 0 });
  const placement = cluster.nodes.map(() => [0, 1] as const);
  let runs = 0;
  const outcome = await plan(
    cluster,
    { threads: 1, timeLimitSeconds: 5 },
    {
      ...inline,
      startWorkers: async () => ({
        size: 1,
        run: async (_task, _isolated, onEvent) => {
          if (runs++ > 0) throw new Error("no thread will start");
          onEvent({ kind: "placement", placement, throughput: 1 });
          return false;
        },
        dismiss: async () => undefined,
      }),
    },
  ).catch((error: unknown) => error);
  // The placement told by this crew carries nothing, which the plan's own checks must see; what counts
  // here is that the crew's error is not the outcome.
  expect(String(outcome)).not.toContain("no thread will start");
});

test("the obvious candidates are tried even without time, and when no thread ever starts", async () => {
  const { cluster } = randomProblem(3, { nodes: [4, 4], layers: [4, 4], thin: 0, missing: 0 });
  const never = new Promise<never>(() => undefined);
  const threadless: SearchPorts = { ...inline, startWorkers: () => never };
  // Timers of the world ring up to a millisecond early.
  const early: SearchPorts = {
    ...threadless,
    schedule: (seconds, action) => inline.schedule(Math.max(0, seconds - 0.02), action),
  };
  const best = await plan(cluster, { gap: 0, threads: 0, iterationLimit: 1 }, inline);
  for (const [ports, threads, timeLimitSeconds] of [
    [inline, 0, 0],
    [threadless, 2, 0.1],
    [early, 2, 0.1],
  ] as const) {
    const outcome = await plan(cluster, { gap: 0, threads, timeLimitSeconds }, ports);
    if (outcome.kind !== "planned" || best.kind !== "planned") throw new Error(outcome.kind);
    const tried = outcome.file.solve.strategies.filter(
      ({ throughput }) => throughput !== undefined,
    );
    expect(tried.length).toBeGreaterThan(0);
    expect(["chain", "baselines"]).toContain(tried[0]!.strategy);
    expect(outcome.file.termination).toBe("time-limit");
    expect(outcome.file.upperBound).toBeGreaterThanOrEqual(best.file.throughput * (1 - 1e-9));
  }
});

test("a search that was starved of processor time says so, one that was not does not", async () => {
  const { cluster } = randomProblem(5, {
    nodes: [12, 12],
    layers: [20, 20],
    thin: 0.8,
    missing: 0,
  });
  let now = 0;
  for (const share of [0.2, 1]) {
    const ports: SearchPorts = {
      ...inline,
      // Every look at the clock takes a hundredth of a second, of which the program has a share.
      now: () => (now += 0.01),
      processorSeconds: () => now * share,
    };
    const options = { gap: 0, threads: 0, timeLimitSeconds: 3 } as const;
    const outcome = await plan(cluster, options, ports);
    if (outcome.kind !== "planned") throw new Error(outcome.kind);
    expect(outcome.file.termination).toBe("time-limit");
    const summary = summarizePlan(cluster, outcome.file);
    if (share === 1) {
      expect(outcome.file.solve.processorShare).toBeUndefined();
      expect(summary).not.toContain("busy");
    } else {
      expect(outcome.file.solve.processorShare).toBeCloseTo(share, 1);
      expect(summary).toContain("the search got 20 % of the processor time");
      const counted = await plan(cluster, { gap: 0, threads: 0, iterationLimit: 1 }, ports);
      if (counted.kind !== "planned") throw new Error(counted.kind);
      expect(counted.file.solve.processorShare).toBeUndefined();
    }
  }
});
