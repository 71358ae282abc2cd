import { findGpu } from "./find-gpu.js";
import type { Gpu } from "./gpu.js";
import type { MachineSpec } from "./machine-spec.js";

/** The card of a machine, with what the machine's own entry says of it. O(cards). */
export function machineCard(
  { gpu: name, unifiedMemory }: Pick<MachineSpec, "gpu" | "unifiedMemory">,
  custom: readonly Gpu[],
): Gpu | undefined {
  const gpu = name === undefined ? undefined : findGpu(name, custom);
  return gpu === undefined || unifiedMemory === undefined ? gpu : { ...gpu, unifiedMemory };
}
