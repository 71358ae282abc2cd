/** Data-sheet peak of a GPU: dense half-precision arithmetic and memory. */
export interface GpuRates {
  readonly flopsPerSecond: number;
  readonly memoryBytesPerSecond: number;
  readonly memoryBytes: number;
}

/**
 * Peak rates of the GPUs of the published experiments and a few current ones (NVIDIA data sheets).
 * A job may give its own figures instead.
 */
export const GPU_RATES: Readonly<Record<string, GpuRates>> = {
  T4: { flopsPerSecond: 65e12, memoryBytesPerSecond: 320e9, memoryBytes: 16e9 },
  "V100-16GB": { flopsPerSecond: 125e12, memoryBytesPerSecond: 900e9, memoryBytes: 16e9 },
  L4: { flopsPerSecond: 121e12, memoryBytesPerSecond: 300e9, memoryBytes: 24e9 },
  "A100-40GB": { flopsPerSecond: 312e12, memoryBytesPerSecond: 1555e9, memoryBytes: 40e9 },
  "A100-80GB": { flopsPerSecond: 312e12, memoryBytesPerSecond: 2039e9, memoryBytes: 80e9 },
  "H100-80GB": { flopsPerSecond: 989e12, memoryBytesPerSecond: 3350e9, memoryBytes: 80e9 },
};
