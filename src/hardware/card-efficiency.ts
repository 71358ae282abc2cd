import type { Gpu } from "./gpu.js";

export type ProductBits = 16 | 8 | 4;

/** How far real kernels of a card stay behind its data sheet. Fit and tables: docs/profiling.md. */
export interface CardEfficiency {
  /** Share of the peak that large matrix products reach, by the bits of their operands. */
  readonly compute: Readonly<Record<ProductBits, number>>;
  /** What decode batches reach of that: many small products. */
  readonly decodeShare: number;
  /** Share of the memory bandwidth that weight and KV reads reach. */
  readonly memory: number;
  /** Exponent of the soft maximum of compute and memory time: 1 adds them, ∞ takes the larger. */
  readonly overlap: number;
  /** Start of one matrix product. */
  readonly launchSeconds: number;
  /** Turning one activation into 8 or 4 bits. */
  readonly quantizeSeconds: number;
  /** Where the figures come from. */
  readonly source: "measured" | "like a measured card" | "assumed";
}

/** Shared by all measured cards. */
const MEASURED_OVERLAP = 2.2;

/** Share of a product in 16, 8 and 4 bits, memory share, start in µs, quantization in ps per element. */
type Row = readonly [
  compute16: number,
  compute8: number,
  compute4: number,
  memory: number,
  launch: number,
  quantize: number,
];

/**
 * Fitted on half of the rows of public kernel timings (bench/measured.ts; matrix products of one
 * layer, whole layers): NVIDIA's aiconfigurator (Apache-2.0) and the profiles of Vidur (MIT). Cards
 * without a rate in 8 or 4 bits run such products in 16; shares of 4 bits are from whole runs.
 */
const MEASURED: Readonly<Record<string, Row>> = {
  "A100-80GB": [0.79, 0.79, 0.79, 0.76, 5.9, 4],
  A40: [0.86, 0.86, 0.86, 0.79, 2.2, 4],
  "H100-80GB": [0.81, 0.69, 0.69, 0.87, 4, 3.8],
  "H200-141GB": [0.8, 0.86, 0.86, 0.83, 3.4, 4],
  "B200-180GB": [0.71, 0.8, 0.5, 0.81, 3.6, 3.2],
  L40S: [0.64, 0.67, 0.67, 0.76, 0, 13.8],
  "RTX-PRO-6000-Server": [0.84, 0.92, 0.5, 0.91, 1, 3.6],
};

/** Cards of the same chip with the same power to spare, by the measured one they are taken for. */
const ALIKE: Readonly<Record<string, readonly string[]>> = {
  "A100-80GB": ["A100-40GB", "A800-40GB", "A800-80GB"],
  A40: ["RTX-A6000"],
  "H100-80GB": ["H800-80GB", "H100-64GB", "H100-96GB", "GH200-96GB"],
  "H200-141GB": ["GH200-144GB"],
  "B200-180GB": ["GB200-186GB", "B300-288GB", "GB300-288GB"],
  L40S: ["L40", "L20", "RTX-6000-Ada", "RTX-5880-Ada"],
  "RTX-PRO-6000-Server": ["RTX-PRO-6000-Workstation", "RTX-PRO-5000", "RTX-PRO-4500"],
};

/** Sustained share of the peak where the vendor publishes no base clock. Assumed. */
const DEFAULT_SUSTAINED_SHARE = 0.75;

/**
 * Cards that nobody measured: base over boost clock tells what is left of the peak under load (low-power
 * cards fall back to their base clock). Fitted on an A100-40GB and a pair of L4 by bench/roofline.ts.
 */
export interface AssumedFactors {
  readonly promptCompute: number;
  readonly decodeCompute: number;
  readonly memory: number;
  readonly overlap: number;
}

export const ASSUMED_FACTORS: AssumedFactors = {
  promptCompute: 1.124,
  decodeCompute: 0.831,
  memory: 0.845,
  overlap: 2.12,
};

const ASSUMED_LAUNCH_SECONDS = 3e-6;
const ASSUMED_QUANTIZE_SECONDS = 4e-12;
const PICO = 1e-12;
const MICRO = 1e-6;

/** The efficiency of a card: measured, that of a measured card with its chip, or assumed. O(1). */
export function efficiencyOf(gpu: Gpu): CardEfficiency {
  const own = MEASURED[gpu.name];
  if (own !== undefined) return measuredEfficiency(own, "measured");
  const alike = Object.keys(ALIKE).find((name) => ALIKE[name]!.includes(gpu.name));
  return alike === undefined
    ? assumedEfficiency(gpu, ASSUMED_FACTORS)
    : measuredEfficiency(MEASURED[alike]!, "like a measured card");
}

export function assumedEfficiency(gpu: Gpu, factors: AssumedFactors): CardEfficiency {
  const { promptCompute, decodeCompute, memory, overlap } = factors;
  const share = (gpu.sustainedShare ?? DEFAULT_SUSTAINED_SHARE) * promptCompute;
  return {
    compute: { 16: share, 8: share, 4: share },
    decodeShare: decodeCompute / promptCompute,
    memory,
    overlap,
    launchSeconds: ASSUMED_LAUNCH_SECONDS,
    quantizeSeconds: ASSUMED_QUANTIZE_SECONDS,
    source: "assumed",
  };
}

function measuredEfficiency(row: Row, source: CardEfficiency["source"]): CardEfficiency {
  const [compute16, compute8, compute4, memory, launch, quantize] = row;
  return {
    compute: { 16: compute16, 8: compute8, 4: compute4 },
    decodeShare: 1,
    memory,
    overlap: MEASURED_OVERLAP,
    launchSeconds: launch * MICRO,
    quantizeSeconds: quantize * PICO,
    source,
  };
}
