/** How far real kernels stay behind the data sheet. Fit and tables: docs/profiling.md. */
export interface RooflineFactors {
  /** Share of the sustained matrix throughput that prompt batches reach. */
  readonly promptCompute: number;
  /** Share of it that decode batches reach: many small products. */
  readonly decodeCompute: number;
  /** Share of the memory bandwidth that weight and KV reads reach. */
  readonly memory: number;
  /** Exponent of the soft maximum of compute and memory time: 1 adds them, ∞ takes the larger. */
  readonly overlap: number;
  /** All-reduce bandwidth per GPU over PCIe through the host. */
  readonly pcieBytesPerSecond: number;
}

/** Fitted on one A100-40GB and on a pair of L4, 70B and 30B, by bench/roofline.ts. */
export const FITTED_FACTORS: RooflineFactors = {
  promptCompute: 1.016,
  decodeCompute: 0.804,
  memory: 0.834,
  overlap: 1.73,
  pcieBytesPerSecond: 4.29e9,
};

/** Launching the kernels of one layer. Assumed: the measured curves cannot tell it from memory time. */
export const LAYER_OVERHEAD_SECONDS = 50e-6;

/** Start of one all-reduce over PCIe and over direct links. Assumed. */
export const ALL_REDUCE_LATENCY_SECONDS = { pcie: 50e-6, nvlink: 10e-6 } as const;

/** Share of the direct link bandwidth that an all-reduce reaches. Assumed. */
export const DIRECT_LINK_EFFICIENCY = 0.75;

/** Sustained share of the peak where the vendor publishes no base clock. Assumed. */
export const DEFAULT_SUSTAINED_SHARE = 0.75;
