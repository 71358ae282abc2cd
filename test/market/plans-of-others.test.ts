import { expect, test } from "vitest";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { leaveTimeForTries, tryPlansOfOthers } from "../../src/market/plans-of-others.js";
import { planScenario, type PlannedScenario, type ScenarioJob } from "../../src/market/scenario.js";
import { describeHurry } from "../../src/report/in-a-hurry.js";
import { createInlinePorts } from "../support/inline-ports.js";

const planning = { gap: 0.01, seed: 1, partialInference: true, solver: "highs" } as const;
const jobOf = (name: string, count: number): ScenarioJob => ({
  name,
  file: {
    format: "helix-place/cluster@1",
    name,
    model: "llama-3-8b",
    engine: "vllm",
    machines: { l4: { gpu: "L4" } },
    nodes: [{ id: "n", machine: "l4", count }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  },
  planning: { ...planning, timeLimitSeconds: 60 },
});

/** What a search that was cut short has come to: half of what there is to serve, with the engine's own step. */
function cutShort({ result, placement }: PlannedScenario): PlannedScenario {
  const { engineStep: _, ...own } = placement!.served!;
  const served = {
    ...own,
    decodeTokensPerSecond: own.decodeTokensPerSecond / 2,
    stepsUntried: "time-limit",
  } as const;
  const { engineSettings: __, ...rest } = placement!;
  const file: PlacementFile = { ...rest, served, termination: "time-limit" };
  return { result: { ...result, served, termination: "time-limit" }, placement: file };
}

const ports = createInlinePorts();
const short = { ...planning, iterationLimit: 1 };
let both: Promise<PlannedScenario[]> | undefined;
/** Two machines and one, planned once for all tests. */
const planBoth = (): Promise<PlannedScenario[]> =>
  (both ??= Promise.all(
    [jobOf("today", 2), jobOf("less", 1)].map((job) =>
      planScenario({ ...job, planning: short }, ports),
    ),
  ));

const decodes = (row: PlannedScenario | undefined): number =>
  row!.result.served!.decodeTokensPerSecond;

test("a row whose time was up serves no less than a machine less, with the step chosen there", async () => {
  const jobs = [jobOf("today", 2), jobOf("less", 1)];
  const [more, less] = await planBoth();
  expect(less!.placement!.served!.engineStep).toBeDefined();
  const today = cutShort(more!);
  const asked: ScenarioJob[] = [];
  const crew = {
    size: 1,
    dismiss: async () => {},
    run: (job: ScenarioJob) => {
      asked.push(job);
      const { timeLimitSeconds: _, ...own } = job.planning;
      return planScenario({ ...job, planning: { ...own, iterationLimit: 1 } }, ports);
    },
  };
  const [again, same] = await tryPlansOfOthers(jobs, [today, less], crew);
  expect(same).toBe(less);
  expect(decodes(again)).toBeGreaterThanOrEqual(decodes(less) * 0.99);
  const { batchTokens } = less!.placement!.engineSettings!;
  expect(asked[0]!.planning.batchTokens).toBe(batchTokens);
  expect(asked.every((job) => job.planning.timeLimitSeconds! <= 2)).toBe(true);
  // The bounds are those for all steps, and what was not tried is still said.
  expect(again!.result.upperBound).toBe(today.result.upperBound);
  expect(again!.result.served!.bound).toBe(today.result.served!.bound);
  const rows = [again!, same!].map(({ result: { name, served } }) => ({
    name,
    ...(served && { served }),
  }));
  expect(describeHurry(rows).join("\n")).toMatch(/every smaller size of a step .*: today; compare/);
});

test("a row serves no less than a machine less, whatever ended its search", async () => {
  const jobs = [jobOf("today", 2), jobOf("less", 1)];
  const [more, less] = await planBoth();
  const { result, placement } = cutShort(more!);
  const ended = { termination: "exhausted" } as const;
  const served = {
    ...placement!.served!,
    decodeTokensPerSecond: 0.9 * decodes(less),
  };
  const today = {
    result: { ...result, ...ended, served },
    placement: { ...placement!, ...ended, served },
  };
  const crew = {
    size: 1,
    dismiss: async () => {},
    run: (job: ScenarioJob) => {
      const { timeLimitSeconds: _, ...own } = job.planning;
      return planScenario({ ...job, planning: { ...own, iterationLimit: 1 } }, ports);
    },
  };
  const [again] = await tryPlansOfOthers(jobs, [today, less], crew);
  expect(decodes(again)).toBeGreaterThanOrEqual(decodes(less) * 0.99);
  // No less where steps are counted, and no clock comes into it.
  const counted = jobs.map((job) => ({ ...job, planning: short }));
  const noClock = {
    ...crew,
    run: (job: ScenarioJob) => {
      expect(job.planning.timeLimitSeconds).toBeUndefined();
      return planScenario(job, ports);
    },
  };
  const [byCounts] = await tryPlansOfOthers(counted, [today, less], noClock);
  expect(decodes(byCounts)).toBeGreaterThanOrEqual(decodes(less) * 0.99);
});

test("rows whose search came to its end stay as they are", async () => {
  const jobs = [jobOf("today", 1)];
  const short = { ...planning, iterationLimit: 1 };
  const row = await planScenario({ ...jobs[0]!, planning: short }, createInlinePorts());
  const crew = {
    size: 1,
    dismiss: async () => {},
    run: () => Promise.reject(new Error("nothing is to be planned")),
  };
  expect(await tryPlansOfOthers(jobs, [row], crew)).toEqual([row]);
  expect(describeHurry([{ name: "today", served: row.result.served! }])).toEqual([]);
});

test("rows and what is tried after them keep to the time together", () => {
  const at = (seconds: number): ScenarioJob => ({
    ...jobOf("today", 1),
    planning: { ...planning, timeLimitSeconds: seconds },
  });
  const left = (seconds: number) =>
    leaveTimeForTries([at(seconds), at(seconds)])[0]!.planning.timeLimitSeconds;
  expect(left(60)).toBe(56);
  expect(left(5)).toBe(3.5);
  expect(leaveTimeForTries([at(5)])[0]!.planning.timeLimitSeconds).toBe(5);
});

test("within limits a row promises no less than a machine less, tried at just that rate", async () => {
  const limited = {
    ...short,
    objective: "goodput",
    limits: { maxTimePerOutputToken: 0.1, statistic: "mean" },
  } as const;
  const jobs = [jobOf("today", 1), jobOf("more", 2)];
  const [today, more] = await Promise.all(
    jobs.map((job) => planScenario({ ...job, planning: limited }, ports)),
  );
  const rateOf = (row: PlannedScenario | undefined): number => {
    const at = row!.result.served!.at;
    return at === "saturation" ? 0 : at.rate;
  };
  const { result, placement } = more!;
  const served = { ...placement!.served!, at: { rate: 0.9 * rateOf(today) } };
  const cut = { result: { ...result, served }, placement: { ...placement!, served } };
  const asked: ScenarioJob[] = [];
  const crew = {
    size: 1,
    dismiss: async () => {},
    run: (job: ScenarioJob) => {
      asked.push(job);
      return planScenario({ ...job, planning: limited }, ports);
    },
  };
  const clocked = jobs.map((job) => ({ ...job, planning: { ...limited, timeLimitSeconds: 60 } }));
  const [same, again] = await tryPlansOfOthers(clocked, [today, cut], crew);
  expect(same).toBe(today);
  expect(rateOf(again)).toBeGreaterThanOrEqual(rateOf(today));
  expect(asked.map((job) => job.planning.wantedRate)).toEqual([rateOf(today)]);
});
