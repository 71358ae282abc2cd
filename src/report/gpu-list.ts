import { GIGA, TERA } from "../core/units.js";
import type { Gpu } from "../hardware/gpu.js";

const HEAD = ["GPU", "GB", "GB/s", "16-bit TFLOPS", "fp8", "fp4", "direct GB/s", "W"];

/** A table of cards for people; dense figures. */
export function describeGpus(gpus: readonly Gpu[]): string {
  const rows = [HEAD, ...gpus.map(gpuCells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
  const sources = [...new Set(gpus.map((gpu) => gpu.source))];
  const unified = gpus.some((gpu) => gpu.unifiedMemory === true)
    ? ["*: shares its memory with the processor"]
    : [];
  return [...lines, "", ...unified, "Dense figures, from:", ...sources.map((s) => `  ${s}`)].join(
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
