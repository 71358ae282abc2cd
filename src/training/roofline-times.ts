/** What one forward pass of a layer does for one sample. */
export interface LayerWork {
  readonly flops: number;
  /** Weights read once per micro-batch, whatever its size. */
  readonly weightBytes: number;
  /** Activations read and written, per sample. */
  readonly trafficBytes: number;
  /** Elements that tensor ranks all-reduce in the forward pass, per sample. */
  readonly allReduceElements: number;
}

/** What a GPU of a machine type can do. */
export interface MachineRates {
  readonly flopsPerSecond: number;
  /** Share of the peak that real kernels reach, in (0, 1]. */
  readonly efficiency: number;
  readonly memoryBytesPerSecond: number;
  readonly intraBytesPerSecond: number;
}

/** Bytes of an all-reduced half-precision element. */
const HALF = 2;

/**
 * Forward seconds of one layer for a micro-batch: the larger of arithmetic and memory traffic, both
 * divided over tensor ranks, plus the ring all-reduce between them (2(tp − 1)/tp of its bytes).
 * A documented stand-in for measured times; it knows no kernel launch and no cache.
 */
export function rooflineSeconds(
  work: LayerWork,
  rates: MachineRates,
  tensorParallel: number,
  microBatch: number,
): number {
  const arithmetic = (microBatch * work.flops) / (rates.flopsPerSecond * rates.efficiency);
  const bytes = work.weightBytes + microBatch * work.trafficBytes;
  const memory = bytes / rates.memoryBytesPerSecond;
  const ringShare = (2 * (tensorParallel - 1)) / tensorParallel;
  const reduced = microBatch * work.allReduceElements * HALF * ringShare;
  return Math.max(arithmetic, memory) / tensorParallel + reduced / rates.intraBytesPerSecond;
}

/**
 * Arithmetic of a transformer block in its forward pass over `windows` sequences: 24·s·h² + 4·s²·h
 * operations each, 12·h² half-precision weights, two all-reduces of the hidden state. Traffic is
 * that of the activations kept for the backward pass (Korthikanti et al. 2022), written and read.
 */
export function blockWork(
  sequence: number,
  hidden: number,
  heads: number,
  windows: number,
): LayerWork {
  const elements = windows * sequence * hidden;
  return {
    flops: windows * (24 * sequence * hidden ** 2 + 4 * sequence ** 2 * hidden),
    weightBytes: HALF * 12 * hidden ** 2,
    trafficBytes: 2 * (34 * elements + 5 * windows * heads * sequence ** 2),
    allReduceElements: 2 * elements,
  };
}
