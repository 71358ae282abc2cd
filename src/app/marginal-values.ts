import { GIGA, BITS_PER_BYTE } from "../units.js";
import { applyChanges, nameLinkClass, type MachineShelf } from "../whatif/apply-changes.js";
import type { Change } from "../whatif/change.js";
import { listLinkClasses } from "../whatif/widen-links.js";
import type { MarginalValue } from "../whatif/marginal-value.js";
import type { ScenarioResult } from "../whatif/scenario-result.js";
import { runScenarios } from "./run-scenarios.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";

/** One Gb/s, in bytes per second. */
const ONE_GIGABIT = GIGA / BITS_PER_BYTE;

/** Kinds of machines, in regions, of which one more is tried: those of the cluster, then others. */
export interface ExtraMachine {
  readonly machine: string;
  readonly region?: string;
}

/**
 * Values of one more machine of each kind and of one more Gb/s on each class of links, best first,
 * by planning again from today's placement. A machine may lower T(k) of others (typical throughput
 * depends on the mix), so gains can be negative.
 * @param today the cluster as it is, with its plan.
 */
export async function findMarginalValues(
  job: ScenarioJob,
  today: PlannedScenario,
  extras: readonly ExtraMachine[],
  shelf: MachineShelf,
  crew: ScenarioCrew,
  onDone: (result: ScenarioResult) => void = () => undefined,
): Promise<readonly MarginalValue[]> {
  const { file } = job;
  const machines = extras.map(({ machine, region }) => ({
    what: `1 × ${machine}${region === undefined ? "" : ` in ${region}`}`,
    kind: "machine" as const,
    change: {
      kind: "add" as const,
      count: 1,
      machine,
      ...(region === undefined ? {} : { region }),
    } satisfies Change,
  }));
  const links = listLinkClasses(file).map((linkClass) => ({
    what: `1 Gb/s on ${nameLinkClass(file, linkClass)}`,
    kind: "bandwidth" as const,
    change: {
      kind: "bandwidth" as const,
      links: linkClass,
      addBytesPerSecond: ONE_GIGABIT,
    } satisfies Change,
  }));
  const trials = [...machines, ...links];
  const jobs = trials.map(({ what, change }) => ({
    ...job,
    name: what,
    file: applyChanges(file, { name: what, changes: [change] }, shelf),
    ...(today.placement === undefined ? {} : { warmStart: today.placement }),
  }));
  const planned = await runScenarios(jobs, crew, (_, { result }) => onDone(result));
  const before = today.result;
  return planned
    .map(({ result }, index): MarginalValue => {
      const { what, kind } = trials[index]!;
      const cost =
        kind === "machine" && result.costPerHour !== undefined && before.costPerHour !== undefined
          ? result.costPerHour - before.costPerHour
          : undefined;
      return {
        what,
        kind,
        throughput: result.throughput,
        gain: result.throughput - before.throughput,
        boundGain: (result.upperBound ?? 0) - (before.upperBound ?? 0),
        ...(cost === undefined ? {} : { costPerHour: cost }),
      };
    })
    .sort((a, b) => b.gain - a.gain);
}
