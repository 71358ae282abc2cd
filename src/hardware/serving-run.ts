import { cacheBytes, layerRuns } from "../core/model.js";
import type { Model } from "../core/model.js";
import { efficiencyOf } from "./card-efficiency.js";
import type { EngineOverhead } from "./engine-overhead.js";
import type { GpuGroup } from "./gpu-group.js";
import { layerCosts } from "./layer-cost.js";
import { DEFAULT_MEMORY_RULE } from "./memory-rule.js";
import { decodeLayerSeconds, kvReplication, promptLayerSeconds } from "./roofline.js";
import type { LayerOnGroup } from "./roofline.js";

/** One machine that holds a whole model, and clients that keep `concurrency` requests under way. */
export interface ServingRun {
  readonly group: GpuGroup;
  readonly model: Model;
  readonly overhead: EngineOverhead;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly concurrency: number;
}

export interface ServingEstimate {
  readonly firstTokenSeconds: number;
  readonly perTokenSeconds: number;
  /** Requests in the batch; fewer than the concurrency where the cache is full. */
  readonly resident: number;
}

/** Requests grow until they end: on average they hold this much of their output in the cache. */
const MEAN_OUTPUT_HELD = 0.6;

/**
 * Mean times of a closed loop: every decode step of the resident requests also waits for the prompts of
 * those that just came; who finds the cache full waits for somebody to leave. O(layers).
 */
export function estimateServingRun(run: ServingRun): ServingEstimate {
  const { overhead, promptTokens, outputTokens, concurrency } = run;
  const resident = Math.max(1, Math.min(concurrency, cacheRequests(run)));
  const prompt = stepSeconds(run, (layer) => promptLayerSeconds(layer, promptTokens, promptTokens));
  const decode = stepSeconds(run, (layer) =>
    decodeLayerSeconds(layer, resident, promptTokens + outputTokens / 2),
  );
  const perTokenSeconds = decode + (overhead.promptShare * (resident - 1) * prompt) / outputTokens;
  const { seconds, prompts, promptsPerRequest } = overhead.firstToken;
  const first = seconds + prompt * (prompts + promptsPerRequest * resident);
  const whole = first + outputTokens * perTokenSeconds;
  const waiting = ((concurrency - resident) / resident) * whole * SETTLING;
  return { firstTokenSeconds: first + waiting, perTokenSeconds, resident };
}

/** A run of finite length sees less of the queue than one without end. */
const SETTLING = 0.85;

/** Mean requests whose cache fits beside the weights of all layers. */
function cacheRequests({ group, model, promptTokens, outputTokens }: ServingRun): number {
  const { utilisation, reserveBytesPerGpu } = DEFAULT_MEMORY_RULE;
  const usable = group.gpus * (group.gpu.memoryBytes * utilisation - reserveBytesPerGpu);
  const runs = layerRuns(model);
  const held = promptTokens + MEAN_OUTPUT_HELD * outputTokens;
  const layers = runs.reduce((sum, run) => sum + run.count * run.bytes, 0);
  const weights = layers + (model.embeddingBytes ?? 0) + (model.headBytes ?? 0);
  const request = runs.reduce(
    (sum, run) => sum + run.count * cacheBytes(run, held) * kvReplication(group, run.cacheHeads),
    0,
  );
  return (usable - weights) / request;
}

/** All layers, the head, and the engine's own time. */
function stepSeconds(run: ServingRun, seconds: (layer: LayerOnGroup) => number): number {
  const { group, model, overhead } = run;
  const layers = layerCosts(model).reduce(
    (total, cost) => total + cost.count * seconds({ group, model, cost, overhead }),
    0,
  );
  const rate = group.gpus * group.gpu.bandwidthBytesPerSecond * efficiencyOf(group.gpu).memory;
  return layers + (model.headBytes ?? 0) / rate + overhead.stepSeconds;
}
