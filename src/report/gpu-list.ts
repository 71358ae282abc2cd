import { GIGA, TERA } from "../core/units.js";
import type { Gpu } from "../hardware/gpu.js";
import { formatTable } from "./table.js";
import type { TextStyle } from "./text-style.js";

const HEAD = ["GPU", "GB", "GB/s", "16-bit TFLOPS", "fp8", "fp4", "direct GB/s", "W"];

/** A table of cards for people; dense figures. */
export function describeGpus(gpus: readonly Gpu[], style?: TextStyle): string {
  const columns = HEAD.map((title, index) =>
    index === 0 ? { title, whole: true } : { title, align: "right" as const },
  );
  const table = formatTable(columns, gpus.map(gpuCells), style);
  const sources = [...new Set(gpus.map((gpu) => gpu.source))];
  const unified = gpus.some((gpu) => gpu.unifiedMemory === true)
    ? ["*: shares its memory with the processor"]
    : [];
  return [table, "", ...unified, "Dense figures, from:", ...sources.map((s) => `  ${s}`)].join(
    "\n",
  );
}

function gpuCells(gpu: Gpu): readonly string[] {
  const per = (value: number | undefined, unit: number): string =>
    value === undefined ? "–" : String(Number((value / unit).toPrecision(4)));
  return [
    gpu.unifiedMemory === true ? `${gpu.name}*` : gpu.name,
    per(gpu.memoryBytes, GIGA),
    per(gpu.bandwidthBytesPerSecond, GIGA),
    per(gpu.flopsPerSecond, TERA),
    per(gpu.fp8FlopsPerSecond, TERA),
    per(gpu.fp4FlopsPerSecond, TERA),
    per(gpu.directBytesPerSecond, GIGA),
    per(gpu.powerWatts, 1),
  ];
}
