import { efficiencyOf } from "./card-efficiency.js";
import type { CardEfficiency, ProductBits } from "./card-efficiency.js";
import type { GpuGroup } from "./gpu-group.js";
import type { LayerCost } from "./layer-cost.js";

/** What one pass of a layer is about, for as many tokens as are in the batch. */
export interface LayerPass {
  readonly group: GpuGroup;
  readonly cost: LayerCost;
  /** Width of the activations between layers. */
  readonly hiddenSize: number;
  readonly tokens: number;
  readonly decoding: boolean;
  /** Of the card unless given. */
  readonly efficiency?: CardEfficiency;
  /** What the engine adds to routed experts. */
  readonly expertSeconds?: number;
}

/** Matrix products of a layer: queries, keys and values; output; up; down. */
const PRODUCTS = 4;
/** Products in 8 or 4 bits are each preceded by a kernel that quantizes. */
const QUANTIZE_LAUNCH_SECONDS = 3.5e-6;
/** Routed experts: share of the product rate and of the bandwidth, and their routing. */
const EXPERT_COMPUTE = 0.6;
const EXPERT_MEMORY = 1;
/** Norms, rotations, activations, residuals: times that their tensors pass the memory. */
const ELEMENTWISE_PASSES = 2;
const ACTIVATION_BYTES = 2;

/**
 * Seconds of the matrix products of one layer: the soft maximum of compute and memory time, what
 * quantizes their operands, and their starts. Formulas: docs/profiling.md. O(1).
 */
export function productSeconds(pass: LayerPass): number {
  const { group, cost, tokens } = pass;
  const efficiency = pass.efficiency ?? efficiencyOf(group.gpu);
  const bits = productBits(pass);
  const experts = cost.expertBytes === 0 ? 0 : expertSeconds(pass, efficiency);
  const flops = cost.flopsPerToken - expertFlops(cost);
  const quantized = bits < 16 ? tokens * quantizedElements(pass) : 0;
  return (
    softMaximum(
      (tokens * flops) / productRate(pass, efficiency, bits),
      (cost.sharedBytes / group.gpus + tokens * activationBytes(pass)) /
        memoryRate(pass, efficiency),
      efficiency.overlap,
    ) +
    experts +
    quantized * efficiency.quantizeSeconds +
    PRODUCTS * (efficiency.launchSeconds + (bits < 16 ? QUANTIZE_LAUNCH_SECONDS : 0))
  );
}

/**
 * Seconds of everything between the products of one layer but attention, sums over cards and the
 * starts of kernels, which the engine tells. O(1).
 */
export function elementwiseSeconds(pass: LayerPass): number {
  const efficiency = pass.efficiency ?? efficiencyOf(pass.group.gpu);
  const width = 8 * pass.hiddenSize + widths(pass);
  const bytes = pass.tokens * width * ACTIVATION_BYTES * ELEMENTWISE_PASSES;
  return bytes / memoryRate(pass, efficiency);
}

/** Experts are visited independently: a batch of n tokens misses one with probability (1−share)^n. */
function expertSeconds(pass: LayerPass, efficiency: CardEfficiency): number {
  const { group, cost, tokens } = pass;
  const visited = 1 - (1 - cost.expertShare) ** tokens;
  const rate = productRate(pass, efficiency, productBits(pass)) * EXPERT_COMPUTE;
  return (
    softMaximum(
      (tokens * expertFlops(cost)) / rate,
      (visited * cost.expertBytes) / group.gpus / (memoryRate(pass, efficiency) * EXPERT_MEMORY),
      efficiency.overlap,
    ) + (pass.expertSeconds ?? 0)
  );
}

/** Of a token's multiply-adds those of routed experts, by their share of the bytes it passes. */
function expertFlops({ flopsPerToken, sharedBytes, expertBytes, expertShare }: LayerCost): number {
  const visited = expertBytes * expertShare;
  return visited === 0 ? 0 : (flopsPerToken * visited) / (visited + sharedBytes);
}

/** Outer widths of the products of one card together: weights per card over the width they start from. */
function widths({ group, cost, hiddenSize }: LayerPass): number {
  return cost.flopsPerToken / 2 / hiddenSize / group.gpus;
}

function activationBytes(pass: LayerPass): number {
  return ACTIVATION_BYTES * (4 * pass.hiddenSize + widths(pass));
}

function quantizedElements(pass: LayerPass): number {
  return 2 * pass.hiddenSize + widths(pass) / 3;
}

/** Bits of the products: those of the weights where the card has them. */
function productBits({ group: { gpu }, cost }: LayerPass): ProductBits {
  const asked = cost.productBits;
  if (asked === 4 && gpu.fp4FlopsPerSecond !== undefined) return 4;
  return asked === 8 && gpu.fp8FlopsPerSecond !== undefined ? 8 : 16;
}

/** Multiply-adds per second of one card. */
function productRate(pass: LayerPass, efficiency: CardEfficiency, bits: ProductBits): number {
  const { gpu, gpus } = pass.group;
  const peaks = { 16: gpu.flopsPerSecond, 8: gpu.fp8FlopsPerSecond, 4: gpu.fp4FlopsPerSecond };
  const share = efficiency.compute[bits] * (pass.decoding ? efficiency.decodeShare : 1);
  return gpus * peaks[bits]! * share;
}

/** Bytes per second of one card. */
function memoryRate({ group }: LayerPass, efficiency: CardEfficiency): number {
  return group.gpu.bandwidthBytesPerSecond * efficiency.memory;
}

function softMaximum(a: number, b: number, exponent: number): number {
  const larger = Math.max(a, b);
  if (larger === 0) return 0;
  const ratio = Math.min(a, b) / larger;
  return larger * (1 + ratio ** exponent) ** (1 / exponent);
}
