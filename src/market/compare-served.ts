import { smallest } from "../core/extremes.js";
import type { MarginalValue } from "./marginal-value.js";
import { costOf, type Compared, type PlannedTrial } from "./planned-trial.js";
import { runScenarios } from "./run-scenarios.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";
import type { ScenarioResult } from "./scenario-result.js";
import { shareTime, type TimeForAll } from "./share-time.js";
import { noiseOfServed, worthOfServed } from "./worth-of.js";

interface Comparison {
  readonly job: ScenarioJob;
  readonly today: PlannedScenario;
  readonly crew: ScenarioCrew;
  readonly time: TimeForAll;
  readonly tell: (doing: string) => void;
  readonly signal: AbortSignal | undefined;
}

type Served = ScenarioResult["served"];

/**
 * Rows by what they serve. A plan that serves more than today's by more than the noise of the two runs may be one
 * that today's cluster could have had, so today is planned again from it. In the end today's plan stands in every row in
 * which it works: one more machine, left empty, serves no less.
 */
export async function compareServed(
  comparison: Comparison,
  rows: readonly PlannedTrial[],
): Promise<Compared> {
  const best = await planAgain(comparison, rows);
  const served = best.result.served!;
  // What no plan of a larger cluster serves, none of today's does; and so on.
  const ceiling = smallest([
    ...boundsOf(rows, "more"),
    served.bound ?? Infinity,
    comparison.today.result.served?.bound ?? Infinity,
  ]);
  const values = rows.map((row): MarginalValue => {
    const { what, kind, change, holdsToday } = row.trial;
    const { result } = row.planned;
    const own = result.served;
    const bound = own?.bound ?? (holdsToday ? ceiling : 0);
    const stands = holdsToday && worthOfServed(own) <= worthOfServed(served);
    const shown = stands ? served : own;
    return {
      what,
      kind,
      change,
      throughput: stands ? best.result.throughput : result.throughput,
      ...(shown === undefined ? {} : { served: shown }),
      gain: worthOfServed(shown) - worthOfServed(served),
      noise: stands ? 0 : noiseOf(own, served),
      boundGain: (change === "less" ? Math.min(bound, ceiling) : bound) - ceiling,
      ...(stands ? { asToday: true } : {}),
      ...(stands || result.reason === undefined ? {} : { reason: result.reason }),
      ...costOf(row, best.result),
    };
  });
  return { best, values };
}

/** Two standard errors of the difference of two runs. */
function noiseOf(a: Served, b: Served): number {
  return Math.hypot(noiseOfServed(a), noiseOfServed(b));
}

function boundsOf(rows: readonly PlannedTrial[], change: MarginalValue["change"]): number[] {
  return rows.flatMap(({ trial, planned: { result } }) =>
    trial.change === change && result.served?.bound !== undefined ? [result.served.bound] : [],
  );
}

/** Today's cluster from the plans of rows that serve more, as many as there are hands; the best of all its plans. */
async function planAgain(
  { job, today, crew, time, tell, signal }: Comparison,
  rows: readonly PlannedTrial[],
): Promise<PlannedScenario> {
  const serves = ({ planned: { result } }: PlannedTrial): number => worthOfServed(result.served);
  const starts = rows
    .filter(({ planned: { result, placement } }) => {
      const gain = worthOfServed(result.served) - worthOfServed(today.result.served);
      return placement !== undefined && gain > noiseOf(result.served, today.result.served);
    })
    // With one machine less, any gain is one that today's plan has missed.
    .toSorted(
      (a, b) =>
        Number(b.trial.change === "less") - Number(a.trial.change === "less") ||
        serves(b) - serves(a),
    )
    .slice(0, Math.max(2, crew.size));
  if (starts.length === 0 || signal?.aborted === true) return today;
  tell("planning today's cluster again, from plans that serve more with one thing more");
  const jobs = starts.map(({ planned }) => ({ ...job, warmStart: planned.placement! }));
  const again = await runScenarios(jobs, shareTime(crew, jobs.length, time), undefined, signal);
  return again.reduce<PlannedScenario>((best, other) => {
    if (other?.result.served === undefined) return best;
    const gain = worthOfServed(other.result.served) - worthOfServed(best.result.served);
    return gain > noiseOf(other.result.served, best.result.served) ? other : best;
  }, today);
}
