import type { Problem } from "../errors.js";
import type { Model, Workload } from "../model/model.js";
import type { Capacity, Curves } from "./capacity.js";
import type { MachineSpec, ProfileSpec } from "./machine-spec.js";

export interface CapacityRequest {
  readonly machines: readonly MachineSpec[];
  /** Nodes of each machine type: typical throughput depends on the whole mix. */
  readonly counts: readonly number[];
  readonly model: Model;
  readonly workload: Workload;
}

/** Per machine type its capacity, or what is wrong with its description (path relative to the machine). */
export type CapacityOutcome =
  | { readonly kind: "capacity"; readonly capacity: Capacity }
  | { readonly kind: "problem"; readonly problem: Problem };

/** Capacities of all machine types, in their order. */
export function resolveCapacities(request: CapacityRequest): readonly CapacityOutcome[] {
  return request.machines.map((machine) => {
    const profile = machine.profile;
    if (profile?.tokensPerSecond !== undefined) {
      return { kind: "capacity", capacity: givenCapacity(profile, profile.tokensPerSecond) };
    }
    return {
      kind: "problem",
      problem: {
        path: "profile",
        found: "no profile.tokensPerSecond",
        expected: "tokens per second by layers held, such as [7557.9, 3625.7, 2171.9]",
        remedy: "Give the machine measured figures.",
      },
    };
  });
}

function givenCapacity(profile: ProfileSpec, tokensPerSecond: readonly number[]): Capacity {
  const curves = givenCurves(profile);
  return {
    maxLayers: tokensPerSecond.length,
    tokensPerSecond,
    ...(profile.kvCacheTokens === undefined ? {} : { kvCacheTokens: profile.kvCacheTokens }),
    source: "given",
    ...(curves === undefined ? {} : { curves }),
  };
}

function givenCurves(profile: ProfileSpec): Curves | undefined {
  const { promptSeconds, decodeSeconds, kvBlocks, promptMaxRequests, decodeMaxTokens } = profile;
  if (promptSeconds === undefined || decodeSeconds === undefined) return undefined;
  return {
    promptSeconds,
    decodeSeconds,
    ...(kvBlocks === undefined ? {} : { kvBlocks }),
    ...(promptMaxRequests === undefined ? {} : { promptMaxRequests }),
    ...(decodeMaxTokens === undefined ? {} : { decodeMaxTokens }),
  };
}
