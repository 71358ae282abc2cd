import type { Capacity } from "../core/capacity.js";
import type { Machine } from "../core/cluster.js";
import type { Model } from "../core/model.js";
import { machineCard } from "../hardware/machine-card.js";
import type { MachineSpec } from "../hardware/machine-spec.js";
import { DEFAULT_MEMORY_RULE, memoryShares } from "../hardware/memory-rule.js";
import { resolveCapacities } from "../hardware/resolve-capacities.js";
import { formatPath } from "./describe-issues.js";
import type { ProblemList } from "./problem-list.js";

/** Machines with what they hold and carry of the model; what stands in the way is added to the list. O(machines · layers). */
export function attachCapacities(
  specs: readonly MachineSpec[],
  context: Omit<Parameters<typeof resolveCapacities>[0], "machines"> & {
    /** Where each machine stands in the file; absent: under its name in machines. */
    readonly paths?: readonly string[];
  },
  ownGpus: readonly string[],
  list: ProblemList,
): readonly Machine[] {
  const outcomes = resolveCapacities({ machines: specs, ...context });
  return specs.map((spec, index) => {
    const outcome = outcomes[index]!;
    const none: Capacity = { maxLayers: 0, tokensPerSecond: [], source: "given" };
    // A card of the file's own that is missing here has been reported where it stands.
    const reported =
      outcome.kind === "problem" &&
      outcome.problem.path === "gpu" &&
      ownGpus.includes(spec.gpu ?? "");
    if (outcome.kind === "problem" && context.counts[index]! > 0 && !reported) {
      const base = context.paths?.[index] ?? formatPath(["machines", spec.name]);
      const path = outcome.problem.path === "" ? base : `${base}.${outcome.problem.path}`;
      list.addDescribed({ ...outcome.problem, path });
    }
    return {
      name: spec.name,
      capacity: outcome.kind === "capacity" ? limitLayers(outcome.capacity, context.model) : none,
      nicBytesPerSecond: spec.nicBytesPerSecond,
      gpus: spec.gpus,
      ...(spec.gpu === undefined ? {} : { gpu: spec.gpu }),
      ...describeCards(spec, context),
      ...(spec.pricePerHour === undefined ? {} : { pricePerHour: spec.pricePerHour }),
      ...(spec.loadBytesPerSecond === undefined
        ? {}
        : { loadBytesPerSecond: spec.loadBytesPerSecond }),
    };
  });
}

/** What engines are told of a machine's cards, where they are known. */
function describeCards(
  spec: MachineSpec,
  context: Pick<Parameters<typeof resolveCapacities>[0], "gpus" | "memoryRule">,
): Pick<Machine, "memory" | "lacksBf16" | "power"> {
  const { gpus, memoryBytes, powerWatts } = spec;
  const gpu = machineCard(spec, context.gpus ?? []);
  const said = powerWatts ?? (gpu?.powerWatts === undefined ? undefined : gpus * gpu.powerWatts);
  const from = powerWatts === undefined ? "catalogue" : "file";
  const power = said === undefined ? {} : ({ power: { watts: said, from } } as const);
  if (gpu === undefined) return power;
  const rule = { ...DEFAULT_MEMORY_RULE, ...context.memoryRule };
  return {
    ...power,
    memory: memoryShares({ gpu, gpus }, rule, memoryBytes),
    ...(gpu.lacksBf16 === true ? { lacksBf16: true } : {}),
  };
}

/** No machine holds more layers than the model has. */
function limitLayers(capacity: Capacity, model: Model): Capacity {
  if (capacity.maxLayers <= model.layers) return capacity;
  return {
    ...capacity,
    maxLayers: model.layers,
    tokensPerSecond: capacity.tokensPerSecond.slice(0, model.layers),
    ...(capacity.kvCacheTokens === undefined
      ? {}
      : { kvCacheTokens: capacity.kvCacheTokens.slice(0, model.layers) }),
  };
}
