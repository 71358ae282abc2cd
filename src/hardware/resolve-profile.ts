import type { Problem } from "../core/errors.js";
import type { Model, Workload } from "../core/model.js";
import { didYouMean } from "../core/nearest.js";
import {
  KV_BLOCK_TOKENS,
  type Capacity,
  type Curves,
  type EstimateError,
} from "../core/capacity.js";
import { findGpu, gpuNames, gpusNamed } from "./find-gpu.js";
import type { Gpu } from "./gpu.js";
import { efficiencyOf } from "./card-efficiency.js";
import { estimateError } from "./estimate-error.js";
import { machineCard } from "./machine-card.js";
import type { MachineSpec, ProfileSpec } from "./machine-spec.js";
import { kvTokensByLayers } from "./memory-rule.js";
import type { MemoryRule } from "./memory-rule.js";
import { engineOverhead } from "./engine-overhead.js";
import { estimateCurves } from "./roofline.js";
import type { GpuGroup } from "./roofline.js";

/** Decoded sequences in one batch of an estimated machine (vLLM's `max_num_seqs`). */
const ESTIMATED_MAX_SEQUENCES = 256;

/** What runs the layers, as far as estimates depend on it. */
export interface EstimatedEngine {
  readonly name: string;
  readonly version?: string;
  readonly maxSequences?: number;
}

/** What is known of one machine before the mix settles T(k). */
export type ResolvedProfile =
  | {
      readonly kind: "profile";
      readonly source: Capacity["source"];
      readonly tokensPerSecond?: readonly number[];
      readonly kvTokens?: readonly number[];
      readonly curves?: Curves;
      /** How far off an estimate may be. */
      readonly error?: EstimateError;
      readonly notes: readonly string[];
      /** The cards, where what fits follows from the memory rule. */
      readonly group?: GpuGroup;
    }
  | { readonly kind: "problem"; readonly problem: Problem };

/** What every machine's capacity depends on. */
export interface ProfileContext {
  readonly model: Model;
  readonly workload: Workload;
  readonly rule: MemoryRule;
  /** GPUs that the cluster file describes itself. */
  readonly custom: readonly Gpu[];
  readonly engine: EstimatedEngine | undefined;
}

/** Given figures first, then measured curves, then the estimate from the GPU. */
export function resolveProfile(
  machine: MachineSpec,
  { model, workload, rule, custom, engine }: ProfileContext,
): ResolvedProfile {
  const profile = machine.profile ?? {};
  const measured = givenCurves(profile);
  if (profile.tokensPerSecond !== undefined) {
    const kvTokens = profile.kvCacheTokens ?? blockTokens(profile.kvBlocks);
    return {
      kind: "profile",
      source: "given",
      tokensPerSecond: profile.tokensPerSecond,
      ...(kvTokens === undefined ? {} : { kvTokens }),
      ...(measured === undefined ? {} : { curves: measured }),
      notes: [],
    };
  }
  const unusable = findUnusableCurve(profile);
  if (unusable !== undefined) return { kind: "problem", problem: unusable };
  const group = findGroup(machine, custom);
  const givenTokens = untilNone(blockTokens(profile.kvBlocks) ?? profile.kvCacheTokens);
  if (measured !== undefined && givenTokens !== undefined) {
    return {
      kind: "profile",
      source: "measured",
      curves: measured,
      kvTokens: givenTokens.slice(0, model.layers),
      notes: [],
    };
  }
  if ("path" in group) return { kind: "problem", problem: group };
  const kvTokens =
    givenTokens ?? kvTokensByLayers(group, model, workload, rule, machine.memoryBytes);
  if (measured !== undefined) {
    const notes = [`KV cache estimated from ${group.gpus} × ${group.gpu.name}`];
    const ruled = givenTokens === undefined ? { group } : {};
    return { kind: "profile", source: "measured", curves: measured, kvTokens, notes, ...ruled };
  }
  return {
    kind: "profile",
    source: "estimated",
    curves: {
      ...estimatedCurves(group, model, workload, { kvTokens, engine }),
      ...givenBatchLimits(profile),
    },
    kvTokens,
    error: estimateError(group.gpu, engine?.name),
    notes: estimateNotes(group),
    ...(givenTokens === undefined ? { group } : {}),
  };
}

function estimatedCurves(
  group: GpuGroup,
  model: Model,
  workload: Workload,
  {
    kvTokens,
    engine,
  }: { readonly kvTokens: readonly number[]; readonly engine: EstimatedEngine | undefined },
): Curves {
  const request = workload.promptTokens + workload.outputTokens;
  return {
    ...estimateCurves(group, model, workload, engineOverhead(engine?.name, engine?.version)),
    kvBlocks: kvTokens.map((tokens) => Math.floor(tokens / KV_BLOCK_TOKENS)),
    promptMaxRequests: kvTokens.map(() => 1),
    decodeMaxTokens: estimateDecodes(kvTokens, request, engine),
  };
}

/** Sequences of `request` tokens in one decode batch, by layers held. */
export function estimateDecodes(
  kvTokens: readonly number[],
  request: number,
  engine?: EstimatedEngine,
): readonly number[] {
  const most = engine?.maxSequences ?? ESTIMATED_MAX_SEQUENCES;
  return kvTokens.map((tokens) => Math.max(1, Math.min(most, Math.floor(tokens / request))));
}

function estimateNotes(group: GpuGroup): readonly string[] {
  const { gpu, gpus, interconnect } = group;
  const notes = [`estimated by the roofline from ${gpus} × ${gpu.name} (${gpu.source})`];
  if (gpus > 1) notes.push(`tensor parallel over ${interconnect === "nvlink" ? "NVLink" : "PCIe"}`);
  if (gpu.lacksBf16 === true) notes.push(`${gpu.name} has no bf16: the model runs in fp16`);
  const { source } = efficiencyOf(gpu);
  if (source === "like a measured card") notes.push("kernels as on a measured card of its chip");
  if (source === "assumed") {
    const clock = gpu.sustainedShare === undefined ? "75% of the peak" : "base over boost clock";
    notes.push(`nobody measured this card: ${clock} taken`);
  }
  return notes;
}

function findGroup(machine: MachineSpec, custom: readonly Gpu[]): GpuGroup | Problem {
  if (machine.gpu === undefined) {
    return {
      path: machine.profile === undefined ? "" : "profile",
      found:
        machine.profile === undefined ? "neither gpu, cards nor profile" : "an incomplete profile",
      expected: 'a catalogue GPU ("gpu": "A100-40GB"), T(k) (tokensPerSecond) or measured curves',
      remedy: "Name the GPU, or give promptSeconds, decodeSeconds and kvBlocks.",
    };
  }
  const gpu = machineCard(machine, custom);
  if (gpu === undefined) {
    const known = gpuNames(custom);
    const meant = gpusNamed(machine.gpu).map(({ name }) => `"${name}"`);
    return {
      path: "gpu",
      found: JSON.stringify(machine.gpu),
      expected: "a GPU of the catalogue or one described under gpus",
      remedy:
        countedRemedy(machine.gpu, custom) ||
        (meant.length > 1 ? `The name leaves open which: ${meant.join(" or ")}.` : "") ||
        didYouMean(machine.gpu, known) ||
        `Known are ${known.join(", ")}.`,
    };
  }
  const direct = gpu.directBytesPerSecond !== undefined;
  if (machine.interconnect === "nvlink" && !direct) {
    return {
      path: "interconnect",
      found: '"nvlink"',
      expected: `"pcie": ${gpu.name} has no direct links`,
      remedy: "Remove it, or describe the GPU under gpus with its link.",
    };
  }
  const interconnect = machine.interconnect ?? (direct ? "nvlink" : "pcie");
  return { gpu, gpus: machine.gpus, interconnect };
}

/** `8xH100-80GB` as one card: how many there are is said beside it. Nothing where that is not what was written. */
function countedRemedy(name: string, custom: readonly Gpu[]): string {
  const [, count, card] = /^\s*(\d{1,4})\s*[x×*]\s*(\S.*)$/i.exec(name) ?? [];
  const gpu = card === undefined ? undefined : findGpu(card, custom);
  return gpu === undefined ? "" : `Write "gpu": "${gpu.name}", "gpus": ${Number(count)}.`;
}

/** A curve says something only where a batch is not empty and takes time. */
function findUnusableCurve(profile: ProfileSpec): Problem | undefined {
  for (const name of ["promptSeconds", "decodeSeconds"] as const) {
    const samples = profile[name]?.filter(([x]) => x > 0);
    if (samples === undefined || (samples.length > 0 && samples.every(([, y]) => y > 0))) continue;
    return {
      path: `profile.${name}`,
      found: samples.length === 0 ? "no sample of a batch" : "a batch that takes no time",
      expected: "points [x, seconds] with x and seconds above 0",
      remedy: "Measure at least one batch, in seconds for one layer.",
    };
  }
  return undefined;
}

/** Layers beside which no cache fits, and all above them, cannot be held. */
function untilNone(tokens: readonly number[] | undefined): readonly number[] | undefined {
  const none = tokens?.findIndex((count) => count <= 0) ?? -1;
  return none < 0 ? tokens : tokens?.slice(0, none);
}

function blockTokens(blocks: readonly number[] | undefined): readonly number[] | undefined {
  return blocks?.map((count) => count * KV_BLOCK_TOKENS);
}

function givenCurves(profile: ProfileSpec): Curves | undefined {
  const { promptSeconds, decodeSeconds, kvBlocks } = profile;
  if (promptSeconds === undefined || decodeSeconds === undefined) return undefined;
  return {
    promptSeconds,
    decodeSeconds,
    ...(kvBlocks === undefined ? {} : { kvBlocks }),
    ...givenBatchLimits(profile),
  };
}

/** They hold for estimated curves as for measured ones. */
function givenBatchLimits({
  promptMaxRequests,
  decodeMaxTokens,
}: ProfileSpec): Pick<Curves, "promptMaxRequests" | "decodeMaxTokens"> {
  return {
    ...(promptMaxRequests === undefined ? {} : { promptMaxRequests }),
    ...(decodeMaxTokens === undefined ? {} : { decodeMaxTokens }),
  };
}
