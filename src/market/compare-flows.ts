import { partedAs } from "../formats/parted-as.js";
import { placementOf } from "../formats/read-placement.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { measureThroughput } from "../planner/problem/measure-throughput.js";
import { problemFor } from "../serving/served/problem-for.js";
import type { MarginalValue } from "./marginal-value.js";
import { costOf, type Compared, type PlannedTrial } from "./planned-trial.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";

/** Rows by the flow of the best placement found for any of them. */
export function compareFlows(
  job: ScenarioJob,
  today: PlannedScenario,
  rows: readonly PlannedTrial[],
): Compared {
  const best = crossMeasure(
    [job, ...rows.map(({ trial }) => trial.job)],
    [today, ...rows.map(({ planned }) => planned)],
  );
  const before = { ...today.result, throughput: best[0]! };
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
      ...costOf(row, before),
    };
  });
  return { best: { ...today, result: before }, values };
}

/** Throughput of every cluster under the best of all placements found, so that no gain is one plan's luck. */
function crossMeasure(
  jobs: readonly ScenarioJob[],
  planned: readonly PlannedScenario[],
): readonly number[] {
  const placements = planned.flatMap(({ placement }) =>
    placement === undefined ? [] : [placement],
  );
  return jobs.map(({ name, file, referencedModel, planning }, index) => {
    const cluster = resolveCluster(name, file, referencedModel);
    return placements.reduce((most, placement) => {
      const parted = partedAs(name, cluster, placement);
      const throughput = measureThroughput(
        problemFor(parted, planning),
        placementOf(parted, placement),
      );
      return Math.max(most, throughput);
    }, planned[index]!.result.throughput);
  });
}
