import { smallest } from "../core/extremes.js";
import type { MarginalValue } from "./marginal-value.js";
import { factsOf, type Compared, type PlannedTrial } from "./planned-trial.js";
import { planAgain, type Comparison } from "./plan-again.js";
import type { PlannedScenario } from "./scenario.js";
import type { ScenarioResult } from "./scenario-result.js";
import { noiseOfServed, worthOfServed } from "./worth-of.js";

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
  const best = await planBetter(comparison, rows);
  const served = best.result.served!;
  // What no plan of a larger cluster serves, none of today's does; and so on.
  const ceiling = smallest([
    ...boundsOf(rows, "more"),
    served.bound ?? Infinity,
    comparison.today.result.served?.bound ?? Infinity,
  ]);
  const values = rows.map((row): MarginalValue => {
    const { what, kind, change, holds } = row.trial;
    const { result } = row.planned;
    const own = result.served;
    const unsimulated = own === undefined && result.outcome === "planned";
    const bound = own?.bound ?? (result.outcome === "infeasible" ? 0 : ceiling);
    const stands = holds(best.placement) && worthOfServed(own) <= worthOfServed(served);
    const shown = stands ? served : own;
    return {
      what,
      kind,
      change,
      throughput: stands ? best.result.throughput : result.throughput,
      ...(shown === undefined ? {} : { served: shown }),
      gain: worthOfServed(shown) - worthOfServed(served),
      noise: stands ? 0 : noiseOf(own, served),
      ...(unsimulated
        ? {}
        : { boundGain: (change === "less" ? Math.min(bound, ceiling) : bound) - ceiling }),
      ...(stands ? { asToday: true } : {}),
      ...describeReason(
        unsimulated ? unsimulatedReason(result) : stands ? undefined : result.reason,
      ),
      ...factsOf(row),
    };
  });
  return { best, values };
}

/** Of a machine whose figures are given, and that no simulation has times for. */
function unsimulatedReason({ throughput }: ScenarioResult): string {
  return `not simulated, so what it is worth is not known; as flow, which is no promise, its plan carries ${throughput.toFixed(1)} tokens/s. The row is today's plan with it idle`;
}

function describeReason(reason: string | undefined): Pick<MarginalValue, "reason"> {
  return reason === undefined ? {} : { reason };
}

/** Half of the 95 % interval of the difference of two runs. */
function noiseOf(a: Served, b: Served): number {
  return Math.hypot(noiseOfServed(a), noiseOfServed(b));
}

function boundsOf(rows: readonly PlannedTrial[], change: MarginalValue["change"]): number[] {
  return rows.flatMap(({ trial, planned: { result } }) =>
    trial.change === change && result.served?.bound !== undefined ? [result.served.bound] : [],
  );
}

/** Today's cluster from the plans of rows that serve more, as many as there are hands; the best of all its plans. */
async function planBetter(
  comparison: Comparison,
  rows: readonly PlannedTrial[],
): Promise<PlannedScenario> {
  const { today, crew } = comparison;
  const serves = ({ planned: { result } }: PlannedTrial): number => worthOfServed(result.served);
  const starts = rows
    .filter(({ planned: { result } }) => {
      const gain = worthOfServed(result.served) - worthOfServed(today.result.served);
      return gain > noiseOf(result.served, today.result.served);
    })
    // With one machine less, any gain is one that today's plan has missed.
    .toSorted(
      (a, b) =>
        Number(b.trial.change === "less") - Number(a.trial.change === "less") ||
        serves(b) - serves(a),
    )
    .flatMap(({ planned: { placement } }) => (placement === undefined ? [] : [placement]))
    .slice(0, Math.max(2, crew.size));
  const again = await planAgain(comparison, starts);
  return again.reduce<PlannedScenario>((best, other) => {
    if (other.result.served === undefined) return best;
    const gain = worthOfServed(other.result.served) - worthOfServed(best.result.served);
    return gain > noiseOf(other.result.served, best.result.served) ? other : best;
  }, today);
}
