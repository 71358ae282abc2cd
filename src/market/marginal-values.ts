import type { PlacementFile } from "../formats/placement-schema.js";
import type { MachineShelf } from "./apply-changes.js";
import { compareFlows } from "./compare-flows.js";
import { compareServed } from "./compare-served.js";
import { listTrials, type ExtraMachine } from "./marginal-trials.js";
import type { PlannedTrial } from "./planned-trial.js";
import type { MarginalValue } from "./marginal-value.js";
import type { ScenarioResult } from "./scenario-result.js";
import { runScenarios } from "./run-scenarios.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";
import { shareTime, type TimeForAll } from "./share-time.js";

/** Today (its plan maybe a better one, found on the way) and the values, best first. */
export interface MarginalValues {
  readonly today: ScenarioResult;
  /** Today's plan: what every gain is against. */
  readonly placement?: PlacementFile;
  readonly values: readonly MarginalValue[];
  /** Names of trials that an interrupt came before. */
  readonly missing: readonly string[];
}

export interface MarginalSearch {
  /** How today's cluster was planned. */
  readonly job: ScenarioJob;
  readonly today: PlannedScenario;
  readonly extras: readonly ExtraMachine[];
  readonly shelf: MachineShelf;
  readonly crew: ScenarioCrew;
  /** For all of it together. */
  readonly time: TimeForAll;
  readonly onDone?: (result: ScenarioResult) => void;
  /** Told in words what is done at the moment. */
  readonly onPhase?: (doing: string) => void;
  /** Leaves out what is not planned yet. */
  readonly signal?: AbortSignal | undefined;
}

/** Share of the time in which today's cluster is to be planned before. */
export const TODAY_SHARE = 0.25;
/** Share of what is left then that is kept for planning today's cluster again. */
const AGAIN_SHARE = 0.12;

/**
 * Values of one more machine of each kind, of one more Gb/s on each class of links and one more GB for KV on each
 * type, and of one machine less of each kind, by planning again from today's placement by the same objective. Where
 * the objective is what is served, every figure is that of its plan's own last run; where one of these plans is better
 * than today's, today is planned again from it, so that no gain is one plan's luck. Of flows every placement found is
 * measured on every cluster; a machine may lower T(k) of others there (typical throughput depends on the mix), so
 * gains can be negative.
 */
export async function findMarginalValues(search: MarginalSearch): Promise<MarginalValues> {
  const { job, today, crew, time, signal, onDone = () => undefined } = search;
  const { onPhase: tell = () => undefined } = search;
  const byServed = today.result.served !== undefined;
  const trials = listTrials({
    ...search,
    placement: today.placement,
    withMemory: byServed,
  });
  const { now, until } = time;
  const rowsUntil = until === Infinity ? until : until - AGAIN_SHARE * (until - now());
  tell(`planning ${trials.length} clusters with one thing more or less`);
  const found = await runScenarios(
    trials.map((trial) => trial.job),
    shareTime(crew, trials.length, { now, until: rowsUntil }),
    (_, { result }) => onDone(result),
    signal,
  );
  const rows = trials.flatMap((trial, at): PlannedTrial[] => {
    const planned = found[at];
    return planned === undefined ? [] : [{ trial, planned }];
  });
  const missing = trials.flatMap(({ job: { name } }, at) =>
    found[at] === undefined ? [name] : [],
  );
  const comparison = { job, today, crew, time, tell, signal };
  const { best, values } = byServed
    ? await compareServed(comparison, rows)
    : await compareFlows(comparison, rows);
  const order = values.toSorted(
    (a, b) => Number(a.change === "less") - Number(b.change === "less") || b.gain - a.gain,
  );
  const { result, placement } = best;
  return {
    today: result,
    ...(placement === undefined ? {} : { placement }),
    values: order,
    missing,
  };
}
