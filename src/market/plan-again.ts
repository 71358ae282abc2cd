import type { PlacementFile } from "../formats/placement-schema.js";
import { runScenarios } from "./run-scenarios.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";
import { shareTime, type TimeForAll } from "./share-time.js";

/** What rows of marginal values are compared with, and what there is to plan that again. */
export interface Comparison {
  readonly job: ScenarioJob;
  readonly today: PlannedScenario;
  readonly crew: ScenarioCrew;
  readonly time: TimeForAll;
  readonly tell: (doing: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** Today's cluster planned from each of these placements, in the time that is left; none after an interrupt. */
export async function planAgain(
  { job, crew, time, tell, signal }: Comparison,
  starts: readonly PlacementFile[],
): Promise<readonly PlannedScenario[]> {
  if (starts.length === 0 || signal?.aborted === true) return [];
  tell("planning today's cluster again, from plans that are better with one thing more or less");
  const jobs = starts.map((warmStart) => ({ ...job, warmStart }));
  const again = await runScenarios(jobs, shareTime(crew, jobs.length, time), undefined, signal);
  return again.flatMap((one) => (one === undefined ? [] : [one]));
}
