import type { Model } from "../src/core/model.js";
import type { GpuGroup } from "../src/hardware/gpu-group.js";
import type { LayerCost } from "../src/hardware/layer-cost.js";
import { kvReplication } from "../src/hardware/roofline.js";

/** The estimate as it was before anybody else's measurements were looked at, for comparison. */
const FACTORS = { prompt: 1.016, decode: 0.804, memory: 0.834, overlap: 1.73 };
const LAYER_SECONDS = 50e-6;
const SUSTAINED = 0.75;

export function allReduceBefore(group: GpuGroup, bytes: number): number {
  const { gpu, gpus, interconnect } = group;
  if (gpus === 1) return 0;
  const direct = interconnect === "nvlink" ? gpu.directBytesPerSecond : undefined;
  const sent = ((2 * (gpus - 1)) / gpus) * bytes;
  return direct === undefined ? sent / 4.29e9 + 50e-6 : sent / (direct * 0.75) + 10e-6;
}

/** Compute and memory of one layer without launch and sums. */
export function productsBefore(
  group: GpuGroup,
  cost: LayerCost,
  tokens: number,
  decoding: boolean,
): number {
  const { gpu, gpus } = group;
  const peak =
    cost.productBits <= 8 ? (gpu.fp8FlopsPerSecond ?? gpu.flopsPerSecond) : gpu.flopsPerSecond;
  const rate = gpus * peak * (gpu.sustainedShare ?? SUSTAINED);
  const compute =
    (tokens * cost.flopsPerToken) / (rate * (decoding ? FACTORS.decode : FACTORS.prompt));
  const read = cost.sharedBytes + cost.expertBytes * (1 - (1 - cost.expertShare) ** tokens);
  const memory = read / (gpus * gpu.bandwidthBytesPerSecond * FACTORS.memory);
  const { overlap } = FACTORS;
  return (compute ** overlap + memory ** overlap) ** (1 / overlap);
}

export function layerBefore(group: GpuGroup, cost: LayerCost, tokens: number): number {
  return productsBefore(group, cost, tokens, tokens <= 256) + LAYER_SECONDS;
}

/** Seconds for every further token of a closed loop. */
export function perTokenBefore(
  group: GpuGroup,
  model: Model,
  costs: readonly LayerCost[],
  load: { readonly promptTokens: number; readonly outputTokens: number; readonly batch: number },
): number {
  const { promptTokens, outputTokens, batch } = load;
  const { gpu, gpus } = group;
  const context = promptTokens + outputTokens / 2;
  const reading = gpus * gpu.bandwidthBytesPerSecond * FACTORS.memory;
  return costs.reduce((sum, cost) => {
    const cached =
      (batch * context * cost.kvBytesPerToken * kvReplication(group, cost.cacheHeads)) / reading;
    const adding = 2 * allReduceBefore(group, batch * model.activationBytes);
    const decode = productsBefore(group, cost, batch, true) + LAYER_SECONDS + cached + adding;
    const prompt = productsBefore(group, cost, promptTokens, false) + LAYER_SECONDS;
    return sum + cost.count * (decode + ((batch - 1) / outputTokens) * prompt);
  }, 0);
}
