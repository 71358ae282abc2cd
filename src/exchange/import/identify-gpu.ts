import { didYouMean } from "../../core/nearest.js";
import { GIGA, KIBI, TERA } from "../../core/units.js";
import type { GpuEntry } from "../../formats/cluster-schema.js";
import { findGpu, gpuFamily, gpuNames, gpusNamed, reports } from "../../hardware/find-gpu.js";
import type { Gpu } from "../../hardware/gpu.js";

/** Labels that leave memory or edition out and mean one card only. */
const SHORT_LABELS: Readonly<Record<string, string>> = {
  "nvidia-tesla-a100": "A100-40GB",
  "nvidia-tesla-v100": "V100-16GB",
  "nvidia-rtx-pro-6000": "RTX-PRO-6000-Server",
};

/** A card of an import, and what had to be assumed for it. */
export interface FoundGpu {
  readonly kind: "gpu";
  /** A name of the catalogue, or of `own`. */
  readonly name: string;
  /** The entry under `gpus` of the cluster file, where the catalogue has no such card. */
  readonly own?: GpuEntry;
  readonly assumption?: string;
}

export type IdentifiedGpu =
  FoundGpu | { readonly kind: "unknown"; readonly expected: string; readonly remedy: string };

/**
 * The card behind a product name of a driver, a cloud or a label. A name is an identity, not a
 * resemblance: a known name with more memory than the card has becomes a card of its own, and said
 * so; anything else that does not fit is unknown.
 * @param mebibytes memory of one card, where it is known: tells variants apart.
 */
export function identifyGpu(product: string, mebibytes?: number): IdentifiedGpu {
  const plain = product.replace(/-SHARED$/i, "");
  const short = plain.toLowerCase();
  const name = Object.hasOwn(SHORT_LABELS, short) ? SHORT_LABELS[short]! : plain;
  if (/MIG[- ]?\d|\bMIG\b/i.test(plain)) return slice(plain);
  // Memory that the processor shares is reported as it pleases.
  const alone = findGpu(name);
  if (alone?.unifiedMemory === true) return { kind: "gpu", name: alone.name };
  const named = gpusNamed(name, mebibytes);
  if (named.length === 1) return { kind: "gpu", name: named[0]!.name };
  if (named.length > 1) return ambiguous(named);
  const family = gpuFamily(name);
  if (family.length === 0) return unknown(plain, mebibytes);
  return mebibytes === undefined ? ambiguous(family) : otherMemory(plain, family, mebibytes);
}

function otherMemory(product: string, family: readonly Gpu[], mebibytes: number): IdentifiedGpu {
  const gigabytes = Math.round(mebibytes / KIBI);
  const nearest = family.reduce((best, gpu) =>
    distance(gpu, gigabytes) < distance(best, gigabytes) ? gpu : best,
  );
  const fits = family.filter((gpu) => reports(gpu, mebibytes));
  if (fits.length > 0 || gigabytes * GIGA < nearest.memoryBytes) {
    return {
      kind: "unknown",
      expected: family.map((gpu) => `${gpu.name} with ${gpu.memoryBytes / GIGA} GB`).join(" or "),
      remedy: `It reports ${gigabytes} GB, which no such card has: if it is a slice of one (MIG, vGPU), plan with whole cards; else ${byHand(product, gigabytes)}`,
    };
  }
  const name = `${nearest.name.replace(/-\d+GB/, "")}-${gigabytes}GB`;
  return {
    kind: "gpu",
    name,
    own: entryOf(nearest, gigabytes),
    assumption: `${product} reports ${gigabytes} GB: taken as a ${nearest.name} with that memory; its bandwidth and speed are assumed to be the same`,
  };
}

function distance(gpu: Gpu, gigabytes: number): number {
  return Math.abs(Math.log(gpu.memoryBytes / GIGA / gigabytes));
}

function entryOf(gpu: Gpu, gigabytes: number): GpuEntry {
  const { fp8FlopsPerSecond, sustainedShare, directBytesPerSecond } = gpu;
  return {
    memory: gigabytes * GIGA,
    bandwidth: gpu.bandwidthBytesPerSecond,
    tflops: gpu.flopsPerSecond / TERA,
    ...(fp8FlopsPerSecond === undefined ? {} : { fp8Tflops: fp8FlopsPerSecond / TERA }),
    ...(sustainedShare === undefined ? {} : { sustained: sustainedShare }),
    ...(directBytesPerSecond === undefined ? {} : { link: directBytesPerSecond }),
  };
}

function slice(product: string): IdentifiedGpu {
  return {
    kind: "unknown",
    expected: "whole GPUs",
    remedy: `${product} is a slice of a card (MIG): switch MIG off on the node, or describe the slice under gpus of the cluster file by hand.`,
  };
}

function ambiguous(candidates: readonly Gpu[]): IdentifiedGpu {
  const names = candidates.map((gpu) => gpu.name);
  return {
    kind: "unknown",
    expected: `one of ${names.join(", ")}`,
    remedy: `The name leaves open which (${names.map((name) => `"${name}"`).join(" or ")}): give the memory too, with nvidia-smi --query-gpu=name,memory.total --format=csv or the label nvidia.com/gpu.memory.`,
  };
}

function unknown(product: string, mebibytes: number | undefined): IdentifiedGpu {
  const plain = product.replace(/^(NVIDIA|Tesla|AMD)[- ]/i, "");
  const gigabytes = mebibytes === undefined ? undefined : Math.round(mebibytes / KIBI);
  return {
    kind: "unknown",
    expected: "a GPU of the catalogue (helix-place gpus lists it)",
    remedy:
      `${didYouMean(plain, gpuNames())} If it is another card, ${byHand(plain, gigabytes)}`.trim(),
  };
}

function byHand(product: string, gigabytes: number | undefined): string {
  const memory = gigabytes === undefined ? "…" : `${gigabytes} GB`;
  return `describe it in the cluster file and add the node by hand: "gpus": {"${product}": {"memory": "${memory}", "bandwidth": "… GB/s", "tflops": …}}.`;
}
