import { expect, test } from "vitest";
import { compareServed } from "../../src/market/compare-served.js";
import type { MarginalTrial } from "../../src/market/marginal-trials.js";
import type { PlannedTrial } from "../../src/market/planned-trial.js";
import type { PlannedScenario, ScenarioJob } from "../../src/market/scenario.js";
import { shareTime } from "../../src/market/share-time.js";

const JOB = { name: "today", planning: { timeLimitSeconds: 20 } } as unknown as ScenarioJob;

/** A plan that serves so much, known to ± 5. */
function serves(decodeTokensPerSecond: number, bound = 1000): PlannedScenario {
  const served = { decodeTokensPerSecond, uncertainty: 5, bound, at: "saturation" };
  const result = { name: "", outcome: "planned", throughput: 4 * decodeTokensPerSecond, served };
  return { result, placement: { served } } as unknown as PlannedScenario;
}

function row(trial: Partial<MarginalTrial>, planned: PlannedScenario): PlannedTrial {
  const rest = { what: "x", kind: "machine", change: "more", holds: () => true } as const;
  return { trial: { ...rest, job: JOB, ...trial }, planned };
}

/** Compares with a crew that plans today again as it is told to. */
async function compare(rows: readonly PlannedTrial[], again: number | PlannedScenario) {
  const jobs: ScenarioJob[] = [];
  const run = (job: ScenarioJob): Promise<PlannedScenario> => {
    jobs.push(job);
    return Promise.resolve(typeof again === "number" ? serves(again) : again);
  };
  const crew = { size: 1, run, dismiss: () => Promise.resolve() };
  const time = { now: () => 0, until: 10 };
  const rest = { crew, time, tell: () => undefined, signal: undefined };
  const compared = await compareServed({ job: JOB, today: serves(100), ...rest }, rows);
  return { ...compared, jobs };
}

test("where a machine less serves more, today is planned again from that plan", async () => {
  const rows = [row({ change: "less", holds: () => false }, serves(150)), row({}, serves(120))];
  const { best, values, jobs } = await compare(rows, 149);
  expect(jobs[0]!.warmStart).toBe(rows[0]!.planned.placement);
  expect(best.result.served!.decodeTokensPerSecond).toBe(149);
  // The one more stands there as today's plan now; the one less is more by less than the noise.
  expect(values.map(({ gain }) => gain)).toEqual([1, 0]);
  expect(values[1]!.asToday).toBe(true);
  expect(values[0]!.gain).toBeLessThan(values[0]!.noise);
});

test("today's plan stands in a row only where the plan that is today's in the end works", async () => {
  // The first plan leaves the machine idle, the one that is found on the way does not.
  const holds = (plan: unknown): boolean => plan !== again.placement;
  const again = serves(149);
  const rows = [row({}, serves(150)), row({ change: "less", holds }, serves(100))];
  const { best, values } = await compare(rows, again);
  expect(best).toBe(again);
  expect(values.map(({ gain }) => gain)).toEqual([1, -49]);
  expect(values[1]!.asToday).toBeUndefined();
});

test("what is more by chance alone leaves today's plan as it is", async () => {
  const { best, jobs } = await compare([row({}, serves(106))], 200);
  expect(jobs).toEqual([]);
  expect(best.result.served!.decodeTokensPerSecond).toBe(100);
});

test("a row that found nothing has today's plan where that works, and nothing elsewhere", async () => {
  const nothing = {
    result: { name: "", outcome: "not-found", throughput: 0 },
  } as unknown as PlannedScenario;
  const less = { change: "less", holds: () => false } as const;
  const { values } = await compare([row({}, nothing), row(less, nothing)], 0);
  expect(values.map(({ gain }) => gain)).toEqual([0, -100]);
  // That nothing was found proves nothing; that nothing fits does.
  expect(values.map(({ boundGain }) => boundGain)).toEqual([0, 0]);
  const none = { ...nothing, result: { ...nothing.result, outcome: "infeasible" as const } };
  expect((await compare([row(less, none)], 0)).values[0]!.boundGain).toBe(-1000);
});

test("bounds of more are no lower than today's, bounds of less no higher", async () => {
  const rows = [row({}, serves(110, 900)), row({ change: "less" }, serves(90, 1000))];
  const { values } = await compare(rows, 0);
  expect(values.map(({ boundGain }) => boundGain)).toEqual([0, 0]);
});

test("jobs share the time that is left, and what one leaves goes to the later ones", async () => {
  let now = 0;
  const got: number[] = [];
  const run = ({ planning }: ScenarioJob): Promise<PlannedScenario> => {
    got.push(planning.timeLimitSeconds!);
    now += 1;
    return Promise.resolve(serves(1));
  };
  const crew = { size: 2, run, dismiss: () => Promise.resolve() };
  const paced = shareTime(crew, 5, { now: () => now, until: 30 });
  for (let job = 0; job < 5; job += 1) await paced.run(JOB);
  expect(got).toEqual([10, 14.5, 14, 27, 26]);
});

test("a row that nobody simulated shows no bound on what it serves, and says so", async () => {
  const flow = {
    result: { name: "", outcome: "planned", throughput: 900, upperBound: 950 },
  } as unknown as PlannedScenario;
  const { values } = await compare([row({}, flow), row({}, serves(90))], 0);
  expect(values[0]).not.toHaveProperty("boundGain");
  expect(values[0]!.reason).toContain("not simulated");
  expect(values[0]!.reason).toContain("900.0 tokens/s");
  expect(values[1]!.boundGain).toBe(0);
  expect(values[1]).not.toHaveProperty("reason");
});
