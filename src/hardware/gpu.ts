/** What the estimate needs to know of one GPU. SI units; throughput figures are dense, not sparse. */
export interface Gpu {
  readonly name: string;
  readonly memoryBytes: number;
  readonly bandwidthBytesPerSecond: number;
  /** Peak of 16-bit matrix products accumulated in 32 bits, at boost clock. */
  readonly flopsPerSecond: number;
  /** Peak of 8-bit floating point products; absent where the GPU has none. */
  readonly fp8FlopsPerSecond?: number;
  /** Peak of 4-bit floating point products; absent where the GPU has none. */
  readonly fp4FlopsPerSecond?: number;
  /** Base over boost clock: the share of the peak that is still there under sustained load. */
  readonly sustainedShare?: number;
  /** Direct GPU-to-GPU bandwidth of one GPU, one direction; absent for PCIe only. */
  readonly directBytesPerSecond?: number;
  /** No bf16 in hardware: models run in fp16. */
  readonly lacksBf16?: boolean;
  /** Compute capability 7.0: some formats of weights have no code for it. */
  readonly volta?: true;
  /** Apple's chips, and NVIDIA's cards before Volta: the engines of data centres do not run on them. */
  readonly homeOnly?: true;
  /** Memory shared with the CPU: the system keeps a part for itself. */
  readonly unifiedMemory?: boolean;
  /** Board power at its limit, W; of a system on a chip, about what it draws in all. */
  readonly powerWatts?: number;
  /** Where the figures come from. */
  readonly source: string;
}
