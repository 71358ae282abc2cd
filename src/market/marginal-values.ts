import { partedAs } from "../formats/parted-as.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { placementOf } from "../formats/read-placement.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { measureThroughput } from "../planner/problem/measure-throughput.js";
import { problemFor } from "../serving/served/problem-for.js";
import { GIGA, BITS_PER_BYTE } from "../core/units.js";
import { applyChanges, nameLinkClass, type MachineShelf } from "./apply-changes.js";
import type { Change } from "./change.js";
import { listLinkClasses } from "./widen-links.js";
import type { MemoryValue } from "../serving/served/service-estimate.js";
import type { MarginalValue } from "./marginal-value.js";
import type { ScenarioResult } from "./scenario-result.js";
import { runScenarios } from "./run-scenarios.js";
import type { PlannedScenario, ScenarioJob } from "./scenario.js";
import type { ScenarioCrew } from "./scenario-crew.js";
import { valueMemory } from "../serving/served/service-estimate.js";

/** One Gb/s, in bytes per second. */
const ONE_GIGABIT = GIGA / BITS_PER_BYTE;

/** Kinds of machines, in regions, of which one more is tried: those of the cluster, then others. */
export interface ExtraMachine {
  readonly machine: string;
  readonly region?: string;
  /** What it costs there; absent: what the machine type costs. */
  readonly pricePerHour?: number;
}

/** Today (its throughput maybe raised by a placement found on the way) and the values, best first. */
export interface MarginalValues {
  readonly today: ScenarioResult;
  readonly values: readonly MarginalValue[];
  /** Empty where goodput cannot be estimated. */
  readonly memory: readonly MemoryValue[];
  /** Trials that an interrupt came before. */
  readonly missing: number;
}

/**
 * Values of one more machine of each kind and of one more Gb/s on each class of links, best first,
 * by planning again from today's placement and measuring every placement found on every cluster. A machine may lower T(k) of others (typical throughput
 * depends on the mix), so gains can be negative.
 * @param today the cluster as it is, with its plan.
 * @param signal leaves out what is not planned yet.
 */
export async function findMarginalValues(
  job: ScenarioJob,
  today: PlannedScenario,
  extras: readonly ExtraMachine[],
  shelf: MachineShelf,
  crew: ScenarioCrew,
  onDone: (result: ScenarioResult) => void = () => undefined,
  signal?: AbortSignal,
): Promise<MarginalValues> {
  const { file } = job;
  const machines = extras.map(({ machine, region, pricePerHour }) => ({
    pricePerHour,
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
    pricePerHour: undefined,
    what: `1 Gb/s on ${nameLinkClass(file, linkClass)}`,
    kind: "bandwidth" as const,
    change: {
      kind: "bandwidth" as const,
      links: linkClass,
      addBytesPerSecond: ONE_GIGABIT,
    } satisfies Change,
  }));
  const all = [...machines, ...links];
  const wanted = all.map(({ what, change }) => ({
    ...job,
    name: what,
    file: applyChanges(file, { name: what, changes: [change] }, shelf),
    ...(today.placement === undefined ? {} : { warmStart: today.placement }),
  }));
  const found = await runScenarios(wanted, crew, (_, { result }) => onDone(result), signal);
  const done = [...found.keys()].filter((index) => found[index] !== undefined);
  const [trials, jobs] = [done.map((index) => all[index]!), done.map((index) => wanted[index]!)];
  const planned = done.map((index) => found[index]!);
  const best = crossMeasure([job, ...jobs], [today, ...planned]);
  const before = { ...today.result, throughput: best[0]! };
  const values = planned
    .map(({ result }, index): MarginalValue => {
      const { what, kind, pricePerHour } = trials[index]!;
      const throughput = best[index + 1]!;
      const cost =
        pricePerHour !== undefined
          ? pricePerHour
          : kind === "machine" &&
              result.costPerHour !== undefined &&
              before.costPerHour !== undefined
            ? result.costPerHour - before.costPerHour
            : undefined;
      return {
        what,
        kind,
        throughput,
        gain: throughput - before.throughput,
        boundGain: (result.upperBound ?? 0) - (before.upperBound ?? 0),
        ...(cost === undefined ? {} : { costPerHour: cost }),
      };
    })
    .sort((a, b) => b.gain - a.gain);
  const memory = today.placement === undefined ? [] : valueMemoryOf(job, today.placement);
  return { today: before, values, memory, missing: all.length - done.length };
}

function valueMemoryOf(
  { name, file, referencedModel, planning }: ScenarioJob,
  placement: PlacementFile,
): readonly MemoryValue[] {
  const cluster = partedAs(name, resolveCluster(name, file, referencedModel), placement);
  return valueMemory(cluster, placementOf(cluster, placement), planning.partialInference);
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
