import type { Gpu } from "../profile/gpu.js";
import type { MemoryRule } from "../profile/memory-rule.js";
import { TERA } from "../units.js";
import type { GpuEntry, MemoryRuleEntry } from "./cluster-schema.js";
import { formatPath } from "./describe-issues.js";
import type { ProblemList } from "./problem-list.js";
import { readQuantity } from "./read-quantity.js";

const ABOVE_ZERO = { atLeast: 0, exclusive: true };

/** The GPUs that a cluster file describes itself; those that cannot be read are reported and left out. */
export function resolveGpus(
  entries: Readonly<Record<string, GpuEntry | undefined>> | undefined,
  list: ProblemList,
): readonly Gpu[] {
  return Object.entries(entries ?? {}).flatMap(([name, entry]) => {
    if (entry === undefined) return [];
    const path = formatPath(["gpus", name]);
    const memory = readQuantity("bytes", entry.memory, `${path}.memory`, list, ABOVE_ZERO);
    const bandwidth = readRate(entry.bandwidth, `${path}.bandwidth`, list);
    const link = readRate(entry.link, `${path}.link`, list);
    if (memory === undefined || bandwidth === undefined) return [];
    return [
      {
        name,
        memoryBytes: memory,
        bandwidthBytesPerSecond: bandwidth,
        flopsPerSecond: entry.tflops * TERA,
        ...(entry.fp8Tflops === undefined ? {} : { fp8FlopsPerSecond: entry.fp8Tflops * TERA }),
        ...(entry.sustained === undefined ? {} : { sustainedShare: entry.sustained }),
        ...(link === undefined ? {} : { directBytesPerSecond: link }),
        source: "the cluster file",
      },
    ];
  });
}

/** The parts of the memory rule that a cluster file sets. */
export function resolveMemoryRule(
  entry: MemoryRuleEntry | undefined,
  list: ProblemList,
): Partial<MemoryRule> {
  const reserve = readQuantity("bytes", entry?.reserve, "memoryRule.reserve", list);
  return {
    ...(entry?.utilisation === undefined ? {} : { utilisation: entry.utilisation }),
    ...(reserve === undefined ? {} : { reserveBytesPerGpu: reserve }),
    ...(entry?.minimumRequests === undefined ? {} : { minimumRequests: entry.minimumRequests }),
    ...(entry?.weightShare === undefined ? {} : { weightShare: entry.weightShare }),
  };
}

function readRate(
  value: number | string | undefined,
  path: string,
  list: ProblemList,
): number | undefined {
  return readQuantity("bytesPerSecond", value, path, list, ABOVE_ZERO);
}
