import { largest } from "../core/extremes.js";
import { partedAs } from "../formats/parted-as.js";
import { placementOf } from "../formats/read-placement.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { measureThroughput } from "../planner/problem/measure-throughput.js";
import { problemFor } from "../serving/served/problem-for.js";
import type { MarginalValue } from "./marginal-value.js";
import { planAgain, type Comparison } from "./plan-again.js";
import { factsOf, type Compared, type PlannedTrial } from "./planned-trial.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";

/** Flows that differ by less are one. */
const CLOSER = 1e-9;

/**
 * Rows by the flow of the best placement found for any of them. Where one of these carries more on today's cluster than
 * today's plan, today is planned again from it: what is compared with is a plan that there is.
 */
export async function compareFlows(
  comparison: Comparison,
  rows: readonly PlannedTrial[],
): Promise<Compared> {
  const { job, today } = comparison;
  const jobs = [job, ...rows.map(({ trial }) => trial.job)];
  const planned = rows.map((row) => row.planned);
  const [own, ...others] = listFlows(job, [today, ...planned]);
  const most = largest(others, own);
  const better = most > own! * (1 + CLOSER) ? planned[others.indexOf(most)]!.placement! : undefined;
  const [again] = await planAgain(comparison, better === undefined ? [] : [better]);
  const after = again !== undefined && again.result.throughput > own! ? again : today;
  const best = crossMeasure(jobs, [after, ...planned]);
  const before = { ...after.result, throughput: best[0]! };
  const values = rows.map((row, index): MarginalValue => {
    const { what, kind, change } = row.trial;
    const throughput = best[index + 1]!;
    return {
      what,
      kind,
      change,
      throughput,
      gain: throughput - before.throughput,
      noise: 0,
      boundGain: (row.planned.result.upperBound ?? 0) - (before.upperBound ?? 0),
      ...(throughput > 0 || row.planned.result.reason === undefined
        ? {}
        : { reason: row.planned.result.reason }),
      ...factsOf(row),
    };
  });
  return { best: { ...after, result: before }, values };
}

/** Throughput of every cluster under the best of all placements found, so that no gain is one plan's luck. */
function crossMeasure(
  jobs: readonly ScenarioJob[],
  planned: readonly PlannedScenario[],
): readonly number[] {
  return jobs.map((job, index) =>
    largest(listFlows(job, planned), planned[index]!.result.throughput),
  );
}

/** What each of the placements carries on a cluster, 0 where there is none. O(placements · max flow). */
function listFlows(
  { name, file, referencedModel, planning }: ScenarioJob,
  planned: readonly PlannedScenario[],
): readonly number[] {
  const cluster = resolveCluster(name, file, referencedModel);
  return planned.map(({ placement }) => {
    if (placement === undefined) return 0;
    const parted = partedAs(name, cluster, placement);
    return measureThroughput(problemFor(parted, planning), placementOf(parted, placement));
  });
}
