import type { Problem } from "../core/errors.js";
import type { Model, Workload } from "../core/model.js";
import type { Capacity } from "../core/capacity.js";
import type { Gpu } from "./gpu.js";
import { findPublishedStart } from "./helix-paper-starts.js";
import type { MachineSpec } from "./machine-spec.js";
import { DEFAULT_MEMORY_RULE } from "./memory-rule.js";
import type { MemoryRule } from "./memory-rule.js";
import { resolveProfile } from "./resolve-profile.js";
import type { ResolvedProfile } from "./resolve-profile.js";
import { typicalThroughput } from "./typical-throughput.js";
import type { ThroughputRule, TypicalMachine } from "./typical-throughput.js";

export interface CapacityRequest {
  readonly machines: readonly MachineSpec[];
  /** Nodes of each machine type: typical throughput depends on the whole mix. */
  readonly counts: readonly number[];
  readonly model: Model;
  readonly workload: Workload;
  /** GPUs that the cluster file describes itself; they come before the catalogue. */
  readonly gpus?: readonly Gpu[];
  /** Default `helix`. */
  readonly rule?: ThroughputRule;
  readonly memoryRule?: Partial<MemoryRule>;
}

/** Per machine type its capacity, or what is wrong with its description (path relative to the machine). */
export type CapacityOutcome =
  | { readonly kind: "capacity"; readonly capacity: Capacity }
  | { readonly kind: "problem"; readonly problem: Problem };

/** Stands in the mix for a machine whose description is wrong. */
const NO_MACHINE: TypicalMachine = { count: 0, promptSeconds: [], decodeSeconds: [], kvTokens: [] };

/**
 * Capacities of all machine types, in their order: as given, from measured curves, or estimated
 * from the GPU catalogue. A machine type without nodes does not enter the mix.
 */
export function resolveCapacities(request: CapacityRequest): readonly CapacityOutcome[] {
  const memoryRule = { ...DEFAULT_MEMORY_RULE, ...request.memoryRule };
  const profiles = request.machines.map((machine) =>
    resolveProfile(machine, request.model, request.workload, memoryRule, request.gpus ?? []),
  );
  const throughput = mixThroughput(request, profiles);
  return profiles.map((profile, index) =>
    profile.kind === "problem"
      ? profile
      : { kind: "capacity", capacity: capacityOf(profile, throughput[index]!) },
  );
}

function mixThroughput(
  request: CapacityRequest,
  profiles: readonly ResolvedProfile[],
): readonly (readonly number[])[] {
  return typicalThroughput({
    layers: request.model.layers,
    workload: request.workload,
    rule: request.rule ?? "helix",
    machines: profiles.map((profile, index) => {
      if (profile.kind === "problem") return NO_MACHINE;
      const start = findPublishedStart(request.model.name, request.machines[index]!);
      return {
        count: request.counts[index]!,
        promptSeconds: profile.curves?.promptSeconds ?? [],
        decodeSeconds: profile.curves?.decodeSeconds ?? [],
        kvTokens: profile.kvTokens ?? [],
        ...(profile.tokensPerSecond === undefined
          ? {}
          : { tokensPerSecond: profile.tokensPerSecond }),
        ...(start === undefined ? {} : { start }),
      };
    }),
  });
}

function capacityOf(
  profile: Extract<ResolvedProfile, { kind: "profile" }>,
  tokensPerSecond: readonly number[],
): Capacity {
  return {
    maxLayers: tokensPerSecond.length,
    tokensPerSecond,
    ...(profile.kvTokens === undefined ? {} : { kvCacheTokens: profile.kvTokens }),
    source: profile.source,
    ...(profile.error === undefined ? {} : { error: profile.error }),
    ...(profile.curves === undefined ? {} : { curves: profile.curves }),
    ...(profile.notes.length === 0 ? {} : { notes: profile.notes }),
  };
}
