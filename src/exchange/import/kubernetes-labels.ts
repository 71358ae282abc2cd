import { KIBI } from "../../core/units.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Labels by vendor, the most telling first. */
export const PRODUCT_LABELS = [
  "nvidia.com/gpu.product",
  "gpu.nvidia.com/class",
  "gpu.nvidia.com/model",
  "cloud.google.com/gke-accelerator",
  "karpenter.k8s.aws/instance-gpu-name",
  "amd.com/gpu.product-name",
  "beta.amd.com/gpu.product-name",
  "gpu.intel.com/product",
] as const;
const COUNT_LABELS = [
  "nvidia.com/gpu.count",
  "gpu.nvidia.com/count",
  "karpenter.k8s.aws/instance-gpu-count",
  "cloud.google.com/gke-accelerator-count",
];
const MEMORY_LABELS = ["nvidia.com/gpu.memory", "karpenter.k8s.aws/instance-gpu-memory"];
const AMD_MEMORY_LABELS = ["amd.com/gpu.vram", "beta.amd.com/gpu.vram"];
const REGION_LABELS = ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"];
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/zone",
  ...REGION_LABELS,
];
const INSTANCE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];
/** What device plugins advertise; `shared` where NVIDIA's is told to rename shares. */
const GPU_RESOURCES = [
  "nvidia.com/gpu",
  "nvidia.com/gpu.shared",
  "amd.com/gpu",
  "gpu.intel.com/i915",
  "gpu.intel.com/xe",
  "habana.ai/gaudi",
];
const MIG_RESOURCE = /^nvidia\.com\/mig-\d/;

/** What labels and status of a node say of its GPUs; nothing is decided yet. */
export interface NodeFacts {
  readonly id: string;
  readonly labels: JsonObject;
  readonly vendor: "nvidia" | "amd" | "intel" | undefined;
  readonly product: string | undefined;
  /** The label behind `product`. */
  readonly productLabel: string | undefined;
  readonly instanceType: string | undefined;
  /** Cards by label. */
  readonly counted: number | undefined;
  /** The label that should count cards and does not. */
  readonly miscounted: string | undefined;
  /** What the device plugin offers, and how much of it is healthy. */
  readonly capacity: number | undefined;
  readonly allocatable: number | undefined;
  /** Slices that the device plugin offers as such. */
  readonly slices: number;
  readonly mebibytes: number | undefined;
  readonly zone: string | undefined;
  /** What the zone is a part of. */
  readonly cloudRegion: string | undefined;
}

export function readNodeFacts(id: string, node: JsonObject): NodeFacts {
  const metadata = asObject(node.metadata);
  const status = asObject(node.status);
  const labels = asObject(metadata?.labels) ?? {};
  const capacity = asObject(status?.capacity) ?? {};
  const allocatable = asObject(status?.allocatable) ?? {};
  const resource = GPU_RESOURCES.find((name) => readCount(capacity[name]) !== undefined);
  const offered = GPU_RESOURCES.map((name) => readCount(capacity[name]) ?? 0);
  const healthy = GPU_RESOURCES.map((name) => readCount(allocatable[name]) ?? 0);
  const counted = readCount(firstText(labels, COUNT_LABELS));
  const listed = resource !== undefined && allocatable[resource] !== undefined;
  const productLabel = PRODUCT_LABELS.find((label) => textOf(labels[label]) !== undefined);
  const suffixed = productLabel === undefined ? suffixedName(labels) : undefined;
  return {
    id,
    labels,
    vendor: vendorOf(labels, capacity),
    product: productLabel === undefined ? suffixed?.value : textOf(labels[productLabel]),
    productLabel: productLabel ?? suffixed?.label,
    instanceType: firstText(labels, INSTANCE_LABELS),
    counted,
    miscounted: counted === undefined ? firstText(labels, COUNT_LABELS) : undefined,
    capacity: resource === undefined ? undefined : sum(offered),
    allocatable: listed ? sum(healthy) : undefined,
    slices: sum(
      Object.keys(capacity)
        .filter((name) => MIG_RESOURCE.test(name))
        .map((name) => readCount(capacity[name]) ?? 0),
    ),
    mebibytes: memoryOf(labels),
    zone: firstText(labels, ZONE_LABELS),
    cloudRegion: firstText(labels, REGION_LABELS),
  };
}

/** AMD's older labeller writes the value into the name: `beta.amd.com/gpu.product-name.MI210: "4"`. */
function suffixedName(labels: JsonObject): { label: string; value: string } | undefined {
  const pattern = /^(?:beta\.)?amd\.com\/gpu\.product-name\.(.+)$/;
  for (const label of Object.keys(labels)) {
    const value = pattern.exec(label)?.[1];
    if (value !== undefined) return { label, value };
  }
  return undefined;
}

function vendorOf(labels: JsonObject, capacity: JsonObject): NodeFacts["vendor"] {
  const names = [...Object.keys(capacity), ...Object.keys(labels)];
  if (names.some((name) => /^(?:gpu\.)?nvidia\.com\//.test(name))) return "nvidia";
  if (names.some((name) => /^(?:beta\.)?amd\.com\//.test(name))) return "amd";
  return names.some((name) => /^gpu\.intel\.com\/|^habana\.ai\//.test(name)) ? "intel" : undefined;
}

/** MiB of one card, or of one partition of it. */
function memoryOf(labels: JsonObject): number | undefined {
  const plain = readCount(firstText(labels, MEMORY_LABELS));
  if (plain !== undefined && plain > 0) return plain;
  const amd = /^(\d+)\s*([MG])i?B?$/i.exec(firstText(labels, AMD_MEMORY_LABELS) ?? "");
  if (amd === null) return undefined;
  return Number(amd[1]) * (amd[2]!.toUpperCase() === "G" ? KIBI : 1);
}

function firstText(object: JsonObject, keys: readonly string[]): string | undefined {
  return keys.map((key) => textOf(object[key])).find((found) => found !== undefined);
}

/** A label's value, or nothing where it is empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** A whole number of at least 0, or nothing. */
export function readCount(value: unknown): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
