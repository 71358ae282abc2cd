import type { PlacementFile } from "../formats/placement-schema.js";
import { underBound, underServedBound } from "../serving/plan/part-bound.js";
import { runScenarios } from "./run-scenarios.js";
import type { ScenarioCrew } from "./scenario-crew.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";

/** What another row has found is tried in this share of a row's time, and in no more seconds. */
const SHARE = 0.15;
const MOST_SECONDS = 2;

/** How often a row is planned once more. */
const TRIES = 2;

/** The rows with their time less what these tries may take, so that all together keep to it. */
export function leaveTimeForTries(jobs: readonly ScenarioJob[]): readonly ScenarioJob[] {
  if (jobs.length < 2) return jobs;
  return jobs.map((job) => {
    const { timeLimitSeconds: all } = job.planning;
    if (all === undefined) return job;
    return {
      ...job,
      planning: { ...job.planning, timeLimitSeconds: all - TRIES * secondsOfTry(all) },
    };
  });
}

function secondsOfTry(all: number): number {
  return Math.min(MOST_SECONDS, SHARE * all);
}

type Rows = readonly (PlannedScenario | undefined)[];

/**
 * Rows are planned once more, from what other rows have found: where time was up, their own plan with the step
 * that was chosen elsewhere, and then any of them with the best plan that their machines can run as well, whatever ended their search. Else rows
 * differ by whose search was quicker, or luckier: a machine less served more. Within limits on latency the best plan is what promises most arriving, and just that rate is
 * tried. A row that serves no more so stays as it is; its bounds stay, as they hold for all steps.
 */
export async function tryPlansOfOthers(
  jobs: readonly ScenarioJob[],
  rows: Rows,
  crew: ScenarioCrew,
  signal?: AbortSignal,
): Promise<Rows> {
  const run = { jobs, crew, signal };
  const stepped = await tryStarts(rows, listSteps(rows), run);
  return tryStarts(stepped, listBetter(stepped), run);
}

/** A plan to start from, with its step. */
interface Start {
  readonly at: number;
  readonly placement: PlacementFile;
  readonly batchTokens: number | undefined;
  /** Prompt and output tokens/s arriving that it promises within limits. */
  readonly wantedRate?: number;
}

function listSteps(rows: Rows): readonly Start[] {
  const chosen = listFound(rows)
    .filter(({ served }) => served?.at === "saturation")
    .find(({ served }) => served?.engineStep !== undefined);
  const batchTokens = chosen?.engineSettings?.batchTokens;
  if (batchTokens === undefined) return [];
  return listServed(rows)
    .filter(({ placement }) => placement.termination === "time-limit")
    .filter(({ placement }) => placement.engineSettings?.batchTokens !== batchTokens)
    .map(({ at, placement }) => ({ at, placement, batchTokens }));
}

function listBetter(rows: Rows): readonly Start[] {
  const found = listFound(rows);
  return listServed(rows).flatMap(({ at, placement: own }) => {
    const nodes = new Set(own.nodes.map(({ id }) => machineOf(id)));
    const placement = found.find(
      (other) => worthOf(other) > worthOf(own) && busyOf(other).every((id) => nodes.has(id)),
    );
    if (placement === undefined) return [];
    const { served, engineSettings } = placement;
    const rate = served!.at === "saturation" ? {} : { wantedRate: served!.at.rate };
    return [{ at, placement, batchTokens: engineSettings?.batchTokens, ...rate }];
  });
}

/** What rows have found, the best first. */
function listFound(rows: Rows): readonly PlacementFile[] {
  return listServed(rows)
    .map(({ placement }) => placement)
    .toSorted((a, b) => worthOf(b) - worthOf(a));
}

function listServed(
  rows: Rows,
): readonly { readonly at: number; readonly placement: PlacementFile }[] {
  return [...rows.entries()].flatMap(([at, row]) => {
    const placement = row?.placement;
    return placement?.served === undefined ? [] : [{ at, placement }];
  });
}

interface Run {
  readonly jobs: readonly ScenarioJob[];
  readonly crew: ScenarioCrew;
  readonly signal: AbortSignal | undefined;
}

async function tryStarts(
  rows: Rows,
  starts: readonly Start[],
  { jobs, crew, signal }: Run,
): Promise<Rows> {
  const again = await runScenarios(
    starts.map(({ at, placement: warmStart, batchTokens, wantedRate }): ScenarioJob => {
      const { planning, ...job } = jobs[at]!;
      const { timeLimitSeconds: all } = planning;
      const time = all === undefined ? {} : { timeLimitSeconds: secondsOfTry(all) };
      const asked = { ...planning, ...time };
      const step = batchTokens === undefined ? {} : { batchTokens };
      const rate = wantedRate === undefined ? {} : { wantedRate };
      return { ...job, warmStart, planning: { ...asked, ...step, ...rate } };
    }),
    crew,
    undefined,
    signal,
  );
  const joined = [...rows];
  starts.forEach(({ at }, index) => {
    const { result, placement } = again[index] ?? {};
    const before = joined[at]!.placement!;
    if (result === undefined || placement === undefined) return;
    if (worthOf(placement) <= worthOf(before)) return;
    joined[at] = underBoundsOf(before, { result, placement }, jobs[at]!.planning.gap);
  });
  return joined;
}

/** What was proven for all steps, and which of them were not tried, are as before. */
function underBoundsOf(
  before: PlacementFile,
  { result, placement }: Required<PlannedScenario>,
  gapAsked: number,
): PlannedScenario {
  const { seconds, strategies: log } = before.solve;
  const proven = { value: before.upperBound, name: before.bound };
  const bounded = underBound(placement, proven, gapAsked, { seconds, log });
  const { bound, stepsUntried } = before.served!;
  const ended = bounded.termination === "gap" ? {} : { termination: before.termination };
  const file = underServedBound({ ...bounded, ...ended }, bound ?? 0);
  const served = { ...file.served!, ...(stepsUntried === undefined ? {} : { stepsUntried }) };
  const { upperBound, bound: name, gap, termination } = file;
  return {
    result: { ...result, upperBound, bound: name, gap, termination, served },
    placement: { ...file, served },
  };
}

/** Decode tokens/s at full load; within limits on latency prompt and output tokens/s arriving. All rows are asked for the same. */
function worthOf({ served }: PlacementFile): number {
  if (served === undefined) return 0;
  return served.at === "saturation" ? served.decodeTokensPerSecond : served.at.rate;
}

function busyOf({ nodes }: PlacementFile): readonly string[] {
  return nodes.flatMap(({ id, layers }) => (layers === null ? [] : [machineOf(id)]));
}

/** The machine that a node is, or is a part of. */
function machineOf(id: string): string {
  return id.split("/", 1)[0]!;
}
