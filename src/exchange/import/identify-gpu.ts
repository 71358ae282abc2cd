import { didYouMean } from "../../core/nearest.js";
import { findGpu, gpuNames } from "../../hardware/find-gpu.js";
import { GIGA, MEBI } from "../../core/units.js";

/** Labels that leave the memory out and mean one card only. */
const SHORT_LABELS: Readonly<Record<string, string>> = {
  "nvidia-tesla-a100": "A100-40GB",
  "nvidia-tesla-v100": "V100-16GB",
};

export type IdentifiedGpu =
  | { readonly kind: "gpu"; readonly name: string; readonly assumption?: string }
  | { readonly kind: "unknown"; readonly remedy: string };

/**
 * The catalogue card behind a product name of a driver, a cloud or a label.
 * @param memoryMebibytes memory of one card, where it is known: tells variants apart.
 */
export function identifyGpu(product: string, memoryMebibytes?: number): IdentifiedGpu {
  const plain = product.replace(/-SHARED$/i, "");
  const shared = plain === product ? {} : { assumption: `${product} is taken as whole cards` };
  const short = Object.hasOwn(SHORT_LABELS, plain) ? SHORT_LABELS[plain]! : plain;
  const exact = findGpu(short);
  if (exact !== undefined) return { kind: "gpu", name: exact.name, ...shared };
  const byMemory = memoryMebibytes === undefined ? undefined : variant(plain, memoryMebibytes);
  if (byMemory !== undefined) return { kind: "gpu", name: byMemory, ...shared };
  return {
    kind: "unknown",
    remedy:
      didYouMean(plain.replace(/^(NVIDIA|Tesla|AMD)[- ]/i, ""), gpuNames()) ||
      "Add the card under gpus in the cluster file.",
  };
}

/** `A100` with 40,960 MiB is A100-40GB: the variant whose memory is nearest, within a tenth. */
function variant(product: string, mebibytes: number): string | undefined {
  const gigabytes = (mebibytes * MEBI) / GIGA;
  const word = product.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();
  const near = gpuNames().filter((name) => {
    const [family] = name.toLowerCase().split("-");
    const memory = findGpu(name)!.memoryBytes / GIGA;
    return word.includes(family!) && Math.abs(memory / gigabytes - 1) < 0.12;
  });
  return near[0];
}
