import * as z from "zod";
import { InputError } from "../core/errors.js";
import { parseJson } from "../formats/parse-json.js";
import { describeIssues } from "../formats/describe-issues.js";
import { fingerprint } from "../formats/load-cluster.js";
import { runScenarios } from "./run-scenarios.js";
import type { ScenarioResult } from "./scenario-result.js";
import type { ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";

const SWEEP_FORMAT = "helix-place/sweep@1";

/** What is checked of a state file; the results are this program's own. */
const sweepSchema = z.strictObject({
  format: z.literal(SWEEP_FORMAT),
  sha256: z.string(),
  total: z.int().positive(),
  results: z.array(z.looseObject({ position: z.int().nonnegative(), name: z.string() })),
});

/** Results of a sweep by position; complete when there are `total` of them. */
export interface SweepState {
  /** Of everything the results depend on. */
  readonly sha256: string;
  readonly total: number;
  readonly results: ReadonlyMap<number, ScenarioResult>;
}

export function emptySweep(jobs: readonly ScenarioJob[]): SweepState {
  return { sha256: fingerprint(jobs), total: jobs.length, results: new Map() };
}

/** The state as a file: one result per line, by position, so that equal results are equal bytes. */
export function writeSweep({ sha256, total, results }: SweepState): string {
  const lines = [...results]
    .sort(([a], [b]) => a - b)
    .map(([position, result]) => JSON.stringify({ position, ...result }));
  const head = JSON.stringify({ format: SWEEP_FORMAT, sha256, total }).slice(0, -1);
  return `${head},"results":[\n${lines.join(",\n")}\n]}\n`;
}

/** @throws InputError when the file is no state of a sweep. */
export function readSweep(source: string, text: string): SweepState {
  const json = parseJson(source, text);
  const parsed = sweepSchema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(source, describeIssues(parsed.error.issues, sweepSchema, json));
  }
  const { sha256, total, results } = parsed.data;
  const byPosition = results.map(({ position, ...result }) => {
    return [position, result as unknown as ScenarioResult] as const;
  });
  return { sha256, total, results: new Map(byPosition) };
}

/** Results of several runs of one sweep together. @throws InputError when they are of different sweeps. */
export function mergeSweeps(
  states: readonly { readonly source: string; readonly state: SweepState }[],
): SweepState {
  const { sha256, total } = states[0]!.state;
  const results = new Map<number, ScenarioResult>();
  for (const { source, state } of states) {
    if (state.sha256 !== sha256 || state.total !== total) throw otherSweep(source);
    for (const [position, result] of state.results) results.set(position, result);
  }
  return { sha256, total, results };
}

/** @throws InputError unless the state is one of this sweep. */
export function requireSameSweep(source: string, state: SweepState, own: SweepState): void {
  if (state.sha256 !== own.sha256 || state.total !== own.total) throw otherSweep(source);
}

function otherSweep(source: string): InputError {
  return new InputError(source, [
    {
      path: "sha256",
      found: "the state of another sweep",
      expected: "one of the same cluster, scenarios and options",
      remedy: "Repeat the options of that run, or name another state file.",
    },
  ]);
}

/**
 * Plans the scenarios at `positions` that the state does not have yet, most machines first: what takes
 * long should not be what threads wait for at the end.
 * @param save called with the state after every result; it decides when to write.
 */
export async function runSweep(
  jobs: readonly ScenarioJob[],
  positions: readonly number[],
  known: SweepState,
  crew: ScenarioCrew,
  save: (state: SweepState) => Promise<void>,
): Promise<SweepState> {
  const results = new Map(known.results);
  const state: SweepState = { ...known, results };
  const left = positions
    .filter((position) => !results.has(position))
    .toSorted((a, b) => countMachines(jobs[b]!) - countMachines(jobs[a]!));
  await runScenarios(
    left.map((position) => jobs[position]!),
    crew,
    async (at, { result }) => {
      if (result.termination === "interrupted") return;
      results.set(left[at]!, result);
      await save(state);
    },
  );
  return state;
}

function countMachines({ file }: ScenarioJob): number {
  return file.nodes.reduce((sum, { count = 1 }) => sum + count, 0);
}
