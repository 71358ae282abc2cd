import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";

/** Plans jobs on a crew, as many at a time as it has hands. Results in the order of the jobs. */
export async function runScenarios(
  jobs: readonly ScenarioJob[],
  crew: ScenarioCrew,
  onDone: (position: number, planned: PlannedScenario) => void | Promise<void> = () => undefined,
): Promise<readonly PlannedScenario[]> {
  const results: PlannedScenario[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) {
      const planned = await crew.run(jobs[at]!);
      results[at] = planned;
      await onDone(at, planned);
    }
  };
  await Promise.all(Array.from({ length: Math.min(crew.size, jobs.length) }, work));
  return results;
}
