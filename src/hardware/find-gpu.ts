import { GIBI, GIGA, MEBI } from "../core/units.js";
import { GPU_CATALOGUE } from "./gpu-catalogue.js";
import { parseGpuName } from "./gpu-name.js";
import type { GpuNameParts } from "./gpu-name.js";
import type { Gpu } from "./gpu.js";

/** Families that mean one card unless their memory is said. */
const USUAL: Readonly<Record<string, string>> = { h100: "H100-80GB", h20: "H20-96GB" };

/** Drivers report from 0.88 (error correction, firmware) to 1.06 times the nominal memory in GiB. */
const REPORTED_SHARE = { least: 0.88, most: 1.06 } as const;

interface Entry {
  readonly gpu: Gpu;
  readonly parts: GpuNameParts;
}

const ENTRIES: ReadonlyMap<string, readonly Entry[]> = groupEntries();

/**
 * The GPU of that name: custom entries first, then the catalogue, by its own names or by those that
 * drivers, clouds and Kubernetes use (`NVIDIA-A100-SXM4-40GB`). A name is an identity: one that
 * leaves open which of several cards is meant (`A100`) finds none. O(custom entries).
 */
export function findGpu(name: string, custom: readonly Gpu[] = []): Gpu | undefined {
  const own = custom.find((gpu) => gpu.name === name);
  if (own !== undefined) return own;
  const found = gpusNamed(name);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Catalogue cards that a product name can mean; with the memory that a driver reports, only those
 * that have it. O(1).
 * @param mebibytes memory of one card.
 */
export function gpusNamed(name: string, mebibytes?: number): readonly Gpu[] {
  const parts = parseGpuName(name);
  const family = ENTRIES.get(parts.family) ?? [];
  const exact = family.filter((entry) => sameParts(entry.parts, parts));
  if (mebibytes === undefined) {
    if (exact.length === 1) return [exact[0]!.gpu];
    const usual = parts.gigabytes === undefined ? USUAL[parts.family] : undefined;
    const matching = ofForm(ofMemory(family, parts.gigabytes), parts.form);
    const preferred = matching.filter(({ gpu }) => gpu.name === usual);
    return (preferred.length === 1 ? preferred : matching).map(({ gpu }) => gpu);
  }
  const named = ofMemory(family, parts.gigabytes);
  const fitting = named.filter(({ gpu }) => reports(gpu, mebibytes));
  const ofTheForm = ofForm(fitting, parts.form, family);
  // Names often leave the form out; then the memory may tell.
  const chosen = ofTheForm.length > 0 || parts.form !== undefined ? ofTheForm : fitting;
  return chosen.map(({ gpu }) => gpu);
}

/** Catalogue cards of the family of a product name, whatever their memory and form. O(1). */
export function gpuFamily(name: string): readonly Gpu[] {
  return (ENTRIES.get(parseGpuName(name).family) ?? []).map(({ gpu }) => gpu);
}

/** Whether a driver that reports this memory can stand on that card. */
export function reports(gpu: Gpu, mebibytes: number): boolean {
  const share = (mebibytes * MEBI) / GIBI / (gpu.memoryBytes / GIGA);
  return share >= REPORTED_SHARE.least && share <= REPORTED_SHARE.most;
}

/** The same of bytes that somebody wrote, who may mean the nominal memory in GB. */
export function reportsBytes(gpu: Gpu, bytes: number): boolean {
  return bytes >= REPORTED_SHARE.least * gpu.memoryBytes && bytes <= atMostReported(gpu);
}

/** Bytes that a driver reports of a card at most. */
export function atMostReported(gpu: Gpu): number {
  return (REPORTED_SHARE.most * GIBI * gpu.memoryBytes) / GIGA;
}

/** Names that `findGpu` knows, without those of drivers and clouds. */
export function gpuNames(custom: readonly Gpu[] = []): readonly string[] {
  return [...custom, ...GPU_CATALOGUE].map((gpu) => gpu.name);
}

function ofMemory(entries: readonly Entry[], gigabytes: number | undefined): readonly Entry[] {
  if (gigabytes === undefined) return entries;
  return entries.filter(({ gpu }) => gpu.memoryBytes === gigabytes * GIGA);
}

/** Entries without a form stand for sockets; a form says nothing where the family has only one. */
function ofForm(
  entries: readonly Entry[],
  form: GpuNameParts["form"],
  family: readonly Entry[] = entries,
): readonly Entry[] {
  const forms = new Set(family.map(({ parts }) => parts.form));
  if (forms.size === 1) return entries;
  const wanted = form === "sxm" ? undefined : form;
  return entries.filter(({ parts }) => parts.form === wanted);
}

function sameParts(a: GpuNameParts, b: GpuNameParts): boolean {
  return a.form === b.form && a.gigabytes === b.gigabytes;
}

function groupEntries(): ReadonlyMap<string, readonly Entry[]> {
  const entries = new Map<string, Entry[]>();
  for (const gpu of GPU_CATALOGUE) {
    const parts = parseGpuName(gpu.name);
    entries.set(parts.family, [...(entries.get(parts.family) ?? []), { gpu, parts }]);
  }
  return entries;
}
