import type { Problem } from "../core/errors.js";
import { capacityByInterval } from "../core/interval-capacity.js";
import { listLayers } from "../core/model.js";
import type { LayerRun, Model, Workload } from "../core/model.js";
import type { Capacity, IntervalCapacity } from "../core/capacity.js";
import type { Gpu } from "./gpu.js";
import { engineOverhead } from "./engine-overhead.js";
import { findPublishedStart } from "./helix-paper-starts.js";
import { kvTokensByInterval, MOST_INTERVAL_LAYERS } from "./interval-room.js";
import { relativeSeconds, throughputByInterval } from "./interval-throughput.js";
import type { LayerCurves } from "./interval-throughput.js";
import { layerCosts } from "./layer-cost.js";
import { estimateCurves } from "./roofline.js";
import type { MachineSpec } from "./machine-spec.js";
import { DEFAULT_MEMORY_RULE, kvTokensByLayers } from "./memory-rule.js";
import type { MemoryRule } from "./memory-rule.js";
import { estimateDecodes, resolveProfile } from "./resolve-profile.js";
import type { EstimatedEngine, ResolvedProfile } from "./resolve-profile.js";
import { typicalThroughput } from "./typical-throughput.js";
import type {
  ThroughputRule,
  TypicalMachine,
  TypicalThroughputRequest,
} from "./typical-throughput.js";

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
  /** What runs the layers: estimates hold what it adds to them. Default vLLM. */
  readonly engine?: EstimatedEngine;
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
  const { model, workload, gpus = [], engine } = request;
  const context = { model, workload, rule: memoryRule, custom: gpus, engine };
  const profiles = request.machines.map((machine) => resolveProfile(machine, context));
  const rooms = roomsByInterval(request, profiles, memoryRule);
  const decided = needsIntervals(request, profiles);
  const mix = describeMix(request, profiles, decided ? rooms : []);
  const throughput = typicalThroughput(mix);
  const exactMix = decided ? mix : describeMix(request, profiles, rooms);
  return profiles.map((profile, index) => {
    if (profile.kind === "problem") return profile;
    const plain = capacityOf(profile, throughput[index]!);
    const room = rooms[index];
    if (room === undefined) return { kind: "capacity", capacity: plain };
    const intervals = describeIntervals(request, profile, room, (curves) =>
      throughputByInterval(exactMix, index, curves, room),
    );
    if (!decided) return { kind: "capacity", capacity: { ...plain, exactEnds: intervals } };
    const notes = [...profile.notes, "layers differ: what fits and how fast goes by interval"];
    return {
      kind: "capacity",
      capacity: { ...plain, ...capacityByInterval(intervals), notes },
    };
  });
}

function describeIntervals(
  request: CapacityRequest,
  profile: Profile,
  room: readonly (readonly number[])[],
  throughput: (curves: LayerCurves) => readonly (readonly number[])[],
): IntervalCapacity {
  const tokens = request.workload.promptTokens + request.workload.outputTokens;
  const curves = layerCurves(request, profile);
  return {
    mostFrom: room.map((row) => row.length),
    tokensPerSecond: throughput(curves),
    kvCacheTokens: room,
    ...(profile.source === "estimated"
      ? { decodeMaxTokens: room.map((row) => estimateDecodes(row, tokens, request.engine)) }
      : {}),
    relativeSeconds: relativeSeconds(curves),
  };
}

/**
 * Whether figures by interval decide: where layers differ, or where, embedding and head charged to every
 * machine, the model does not fit.
 */
function needsIntervals(
  { model, counts }: CapacityRequest,
  profiles: readonly ResolvedProfile[],
): boolean {
  if (layerCosts(model).length > 1) return true;
  const room = profiles.reduce((sum, profile, index) => {
    const held = profile.kind === "problem" ? 0 : (profile.tokensPerSecond ?? profile.kvTokens);
    return sum + counts[index]! * (typeof held === "number" ? held : (held?.length ?? 0));
  }, 0);
  return room < model.layers;
}

/**
 * What fits beside every interval of layers on the machines that the memory rule decides for; undefined
 * where layers are alike and the machine holds no more without embedding and head.
 */
function roomsByInterval(
  request: CapacityRequest,
  profiles: readonly ResolvedProfile[],
  rule: MemoryRule,
): readonly (readonly (readonly number[])[] | undefined)[] {
  const { model, workload, machines } = request;
  if (model.layers > MOST_INTERVAL_LAYERS) return profiles.map(() => undefined);
  const decided = needsIntervals(request, profiles);
  return profiles.map((profile, index) => {
    if (profile.kind === "problem" || profile.group === undefined) return undefined;
    const { memoryBytes } = machines[index]!;
    const bare = { ...model, embeddingBytes: 0, headBytes: 0, tiedBytes: 0 };
    const plain = profile.kvTokens?.length ?? 0;
    const most = decided
      ? Infinity
      : kvTokensByLayers(profile.group, bare, workload, rule, memoryBytes).length;
    return most > plain
      ? kvTokensByInterval(profile.group, model, workload, rule, memoryBytes)
      : undefined;
  });
}

type Profile = Extract<ResolvedProfile, { kind: "profile" }>;

/** Seconds of each layer: measured ones are of the mean layer. */
function layerCurves({ model, workload, engine }: CapacityRequest, profile: Profile): LayerCurves {
  const { group, curves, source } = profile;
  const overhead = engineOverhead(engine?.name, engine?.version);
  const known = new Map<LayerRun, LayerCurves[number]>();
  return listLayers(model).map((run) => {
    if (source !== "estimated") return curves!;
    const single = { ...model, layers: 1, runs: [{ ...run, count: 1 }] };
    const found = known.get(run) ?? estimateCurves(group!, single, workload, overhead);
    known.set(run, found);
    return found;
  });
}

function describeMix(
  request: CapacityRequest,
  profiles: readonly ResolvedProfile[],
  rooms: readonly (readonly (readonly number[])[] | undefined)[],
): TypicalThroughputRequest {
  return {
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
        kvTokens: longestRow(rooms[index]) ?? profile.kvTokens ?? [],
        ...(profile.tokensPerSecond === undefined
          ? {}
          : { tokensPerSecond: profile.tokensPerSecond }),
        ...(start === undefined ? {} : { start }),
      };
    }),
  };
}

/** In the mix a machine counts with the run of layers of which it holds most. */
function longestRow(
  room: readonly (readonly number[])[] | undefined,
): readonly number[] | undefined {
  return room?.reduce((longest, row) => (row.length > longest.length ? row : longest));
}

function capacityOf(profile: Profile, tokensPerSecond: readonly number[]): Capacity {
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
