import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";

/**
 * Plans jobs on a crew, as many at a time as it has hands. Results in the order of the jobs.
 * @param signal gives up what is not done yet: those results are then undefined. Absent: an interrupted
 *   crew makes this fail.
 */
export async function runScenarios(
  jobs: readonly ScenarioJob[],
  crew: ScenarioCrew,
  onDone: (position: number, planned: PlannedScenario) => void | Promise<void> = () => undefined,
  signal?: AbortSignal,
): Promise<readonly (PlannedScenario | undefined)[]> {
  const results: (PlannedScenario | undefined)[] = jobs.map(() => undefined);
  const aborted = (): boolean => signal?.aborted === true;
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < jobs.length && !aborted(); at = next++) {
      const planned = await crew.run(jobs[at]!);
      // What ends after the interrupt was cut short by it.
      if (aborted()) return;
      results[at] = planned;
      await onDone(at, planned);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(crew.size, jobs.length) }, work));
  } catch (error) {
    if (!aborted()) throw error;
  }
  return results;
}
