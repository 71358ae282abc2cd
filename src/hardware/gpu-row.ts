import { GIGA, TERA } from "../core/units.js";
import type { Gpu } from "./gpu.js";

/**
 * name · GB (several: one card for each, named with it) · GB/s · 16-bit TFLOPS · fp8 TFLOPS (0: none)
 * · base and boost MHz (0: not published) · direct GB/s per direction (0: PCIe only) · W.
 * Dense figures: sparse ones are twice as high.
 */
export type GpuRow = readonly [
  name: string,
  memory: number | readonly number[],
  bandwidth: number,
  tflops: number,
  fp8: number,
  baseClock: number,
  boostClock: number,
  direct: number,
  watts: number,
];

/** Cards with one source and one generation. */
export interface GpuFamily {
  readonly source: string;
  /** Products in 4 bits run this many times as fast as in 8. */
  readonly fp4Factor?: number;
  readonly lacksBf16?: boolean;
  readonly unifiedMemory?: boolean;
  readonly homeOnly?: true;
  readonly volta?: true;
  readonly rows: readonly GpuRow[];
}

/** The cards of a family, in the order of its rows. */
export function gpusOf(family: GpuFamily): readonly Gpu[] {
  return family.rows.flatMap((row) => {
    const memory = row[1];
    if (typeof memory === "number") return [gpuFromRow(family, row, row[0], memory)];
    return memory.map((gigabytes) =>
      gpuFromRow(family, row, `${row[0]}-${gigabytes}GB`, gigabytes),
    );
  });
}

function gpuFromRow(family: GpuFamily, row: GpuRow, name: string, gigabytes: number): Gpu {
  const [, , bandwidth, tflops, fp8, baseClock, boostClock, direct, watts] = row;
  const { fp4Factor, source } = family;
  return {
    name,
    memoryBytes: gigabytes * GIGA,
    bandwidthBytesPerSecond: bandwidth * GIGA,
    flopsPerSecond: tflops * TERA,
    ...(fp8 === 0 ? {} : { fp8FlopsPerSecond: fp8 * TERA }),
    ...(fp8 === 0 || fp4Factor === undefined ? {} : { fp4FlopsPerSecond: fp8 * fp4Factor * TERA }),
    ...(boostClock === 0 ? {} : { sustainedShare: baseClock / boostClock }),
    ...(direct === 0 ? {} : { directBytesPerSecond: direct * GIGA }),
    ...(watts === 0 ? {} : { powerWatts: watts }),
    ...(family.lacksBf16 === true ? { lacksBf16: true } : {}),
    ...(family.volta === true ? { volta: true } : {}),
    ...(family.homeOnly === true ? { homeOnly: true } : {}),
    ...(family.unifiedMemory === true ? { unifiedMemory: true } : {}),
    source,
  };
}
