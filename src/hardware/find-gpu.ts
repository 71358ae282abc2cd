import { GPU_CATALOGUE } from "./gpu-catalogue.js";
import type { Gpu } from "./gpu.js";

/** Words in product names that say nothing about the card. */
const NOISE = /nvidia|tesla|geforce|quadro|amd|instinct|radeon|apple|generation|hbm\d?e?|oam/g;

/** Names in use elsewhere, folded, to catalogue names. */
const ALIASES: Readonly<Record<string, string>> = {
  v100sxm216gb: "V100-16GB",
  v100sxm232gb: "V100-32GB",
  v100pcie16gb: "V100-16GB",
  v100pcie32gb: "V100-32GB",
  a100sxm440gb: "A100-40GB",
  a100sxm480gb: "A100-80GB",
  a100sxm80gb: "A100-80GB",
  a100pcie40gb: "A100-40GB-PCIe",
  a10080gbpcie: "A100-80GB-PCIe",
  a100pcie80gb: "A100-80GB-PCIe",
  a6000: "RTX-A6000",
  h100: "H100-80GB",
  h100sxm: "H100-80GB",
  h100sxm5: "H100-80GB",
  h100mega80gb: "H100-80GB",
  h100pcie: "H100-80GB-PCIe",
  h100pcie80gb: "H100-80GB-PCIe",
  h100nvl: "H100-NVL-94GB",
  h200: "H200-141GB",
  h200sxm: "H200-141GB",
  h20: "H20-96GB",
  b200: "B200-180GB",
  rtx4060ti: "RTX-4060-Ti-16GB",
};

const BY_KEY: ReadonlyMap<string, Gpu> = new Map(
  GPU_CATALOGUE.map((gpu) => [foldGpuName(gpu.name), gpu]),
);

/**
 * The GPU of that name: custom entries first, then the catalogue, then names that drivers, clouds
 * and Kubernetes use for catalogue entries (`NVIDIA-A100-SXM4-40GB`). O(custom entries).
 */
export function findGpu(name: string, custom: readonly Gpu[] = []): Gpu | undefined {
  const own = custom.find((gpu) => gpu.name === name);
  if (own !== undefined) return own;
  const key = foldGpuName(name);
  const alias = Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
  return BY_KEY.get(alias === undefined ? key : foldGpuName(alias));
}

/** Names that `findGpu` knows, without the aliases. */
export function gpuNames(custom: readonly Gpu[] = []): readonly string[] {
  return [...custom, ...GPU_CATALOGUE].map((gpu) => gpu.name);
}

function foldGpuName(name: string): string {
  return name
    .toLowerCase()
    .replace(NOISE, "")
    .replace(/[^a-z0-9]+/g, "");
}
