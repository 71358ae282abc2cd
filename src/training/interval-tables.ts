import { averageLayerSeconds, layerSeconds } from "./layer-seconds.js";
import { intervalParameters } from "./layer-volumes.js";
import { stageMemoryBytes } from "./stage-memory.js";
import type { StageTiming } from "./pipeline-cost.js";
import type { Strategy } from "./strategies.js";
import type { TrainingJob } from "./training-job.js";

/** Restrictions on plans beyond the cost. */
export interface PlanRules {
  readonly timing: StageTiming;
  /** Plans that exceed a GPU's memory are no plans. */
  readonly respectMemory: boolean;
  /** No stage without parameters, no first stage without a block (7 of 7 real trials of such failed). */
  readonly requireWork: boolean;
}

/**
 * Seconds and parameters of every layer interval [a, b), at index a·(L + 1) + b.
 * Both grow with the interval on either side, which the search relies on.
 */
export interface IntervalTables {
  readonly layers: number;
  /** Seconds by profile (set of machine types of a stage): the slowest of them. */
  readonly seconds: readonly Float64Array[];
  /** Parameters per GPU. */
  readonly parameters: Float64Array;
  /**
   * `[stage][profile][b]`: the least start a for which [a, b) fits in memory; b where none does.
   */
  readonly leastStart: readonly (readonly Int32Array[])[];
  /** `[b]`: the greatest start a for which [a, b) has parameters; −1 where none has. */
  readonly greatestStart: Int32Array;
  /** The least end of the first stage. */
  readonly leastFirstEnd: number;
}

/**
 * O(P·L² + k·P·L·memory) for P profiles.
 * @param profiles sets of machine types, each at least one.
 */
export function tabulateIntervals(
  job: TrainingJob,
  strategy: Strategy,
  profiles: readonly (readonly number[])[],
  rules: PlanRules,
): IntervalTables {
  const layers = job.layers.length;
  const average = rules.timing === "average" ? averageLayerSeconds(job, strategy) : undefined;
  const seconds = profiles.map((machines) =>
    average === undefined
      ? slowestSeconds(machines.map((machine) => layerSeconds(job, strategy, machine)))
      : slowestSeconds([average]),
  );
  const parameters = new Float64Array((layers + 1) * (layers + 1));
  const greatestStart = new Int32Array(layers + 1).fill(-1);
  for (let a = 0; a < layers; a++) {
    for (let b = a + 1; b <= layers; b++) {
      const held = intervalParameters(job, strategy.tensorParallel, a, b);
      parameters[a * (layers + 1) + b] = held;
      if (held > 0 || !rules.requireWork) greatestStart[b] = a;
    }
  }
  const firstBlock = job.layers.findIndex((layer) => layer.kind === "block");
  return {
    layers,
    seconds,
    parameters,
    leastStart: Array.from({ length: strategy.stages }, (_, stage) =>
      profiles.map((machines) => leastStarts(job, strategy, stage, machines, rules)),
    ),
    greatestStart,
    leastFirstEnd: rules.requireWork ? firstBlock + 1 : 0,
  };
}

function slowestSeconds(byMachine: readonly (readonly number[])[]): Float64Array {
  const layers = byMachine[0]!.length;
  const table = new Float64Array((layers + 1) * (layers + 1));
  for (const seconds of byMachine) {
    for (let a = 0; a < layers; a++) {
      let sum = 0;
      for (let b = a + 1; b <= layers; b++) {
        sum += seconds[b - 1]!;
        const index = a * (layers + 1) + b;
        if (sum > table[index]!) table[index] = sum;
      }
    }
  }
  return table;
}

function leastStarts(
  job: TrainingJob,
  strategy: Strategy,
  stage: number,
  machines: readonly number[],
  rules: PlanRules,
): Int32Array {
  const starts = new Int32Array(job.layers.length + 1);
  if (!rules.respectMemory) return starts;
  const limit = usableBytes(job, machines);
  let a = 0;
  for (let b = 1; b <= job.layers.length; b++) {
    while (a < b && stageMemoryBytes(job, strategy, stage, a, b).total > limit) a++;
    starts[b] = a;
  }
  return starts;
}

/** Memory a plan may use on the smallest GPU of a stage. */
export function usableBytes(job: TrainingJob, machines: readonly number[]): number {
  const least = Math.min(...machines.map((index) => job.cluster.machines[index]!.memoryBytes));
  return least * (1 - job.memory.reservedFraction);
}
