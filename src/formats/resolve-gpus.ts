import type { Gpu } from "../hardware/gpu.js";
import type { MemoryRule } from "../hardware/memory-rule.js";
import { TERA } from "../core/units.js";
import type { GpuEntry, MemoryRuleEntry } from "./cluster-schema.js";
import { readOptionalQuantity, readQuantity } from "./read-quantity.js";

/** The GPUs that a cluster file describes itself; broken ones (already reported) are left out. */
export function resolveGpus(
  entries: Readonly<Record<string, GpuEntry | undefined>> | undefined,
): readonly Gpu[] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]) => {
    if (entry === undefined) return [];
    const link = readOptionalQuantity("bytesPerSecond", entry.link);
    return [
      {
        name,
        memoryBytes: readQuantity("bytes", entry.memory),
        bandwidthBytesPerSecond: readQuantity("bytesPerSecond", entry.bandwidth),
        flopsPerSecond: entry.tflops * TERA,
        ...(entry.fp8Tflops === undefined ? {} : { fp8FlopsPerSecond: entry.fp8Tflops * TERA }),
        ...(entry.sustained === undefined ? {} : { sustainedShare: entry.sustained }),
        ...(link === undefined ? {} : { directBytesPerSecond: link }),
        ...(entry.unifiedMemory === undefined ? {} : { unifiedMemory: entry.unifiedMemory }),
        source: "the cluster file",
      },
    ];
  });
}

/** The parts of the memory rule that a cluster file sets. */
export function resolveMemoryRule(entry: MemoryRuleEntry | undefined): Partial<MemoryRule> {
  const reserve = readOptionalQuantity("bytes", entry?.reserve);
  return {
    ...(entry?.utilisation === undefined ? {} : { utilisation: entry.utilisation }),
    ...(reserve === undefined ? {} : { reserveBytesPerGpu: reserve }),
    ...(entry?.minimumRequests === undefined ? {} : { minimumRequests: entry.minimumRequests }),
    ...(entry?.weightShare === undefined ? {} : { weightShare: entry.weightShare }),
  };
}
