import { listLayers } from "../core/model.js";
import type { Model, Workload } from "../core/model.js";
import { bytesPerToken, usableBytes } from "./memory-rule.js";
import type { MemoryRule } from "./memory-rule.js";
import type { GpuGroup } from "./roofline.js";

/** Models with more layers are not looked at interval by interval. */
export const MOST_INTERVAL_LAYERS = 512;

/**
 * KV tokens that fit beside the layers [s, s + k), by s and then k − 1; a row ends where no more fit. The
 * embedding is held with the first layer, the head with the last. O(layers²).
 */
export function kvTokensByInterval(
  group: GpuGroup,
  model: Model,
  workload: Workload,
  rule: MemoryRule,
  memoryBytes: number = group.gpus * group.gpu.memoryBytes,
): readonly (readonly number[])[] {
  const usable = usableBytes(group, rule, memoryBytes);
  const request = workload.promptTokens + workload.outputTokens;
  const layers = listLayers(model);
  return layers.map((_, start) => {
    const row: number[] = [];
    let weights = start === 0 ? (model.embeddingBytes ?? 0) : 0;
    let perToken = 0;
    for (let end = start + 1; end <= layers.length; end++) {
      const layer = layers[end - 1]!;
      weights += layer.bytes;
      perToken += bytesPerToken(group, layer, request);
      if (end === layers.length)
        weights += (model.headBytes ?? 0) - (start === 0 ? (model.tiedBytes ?? 0) : 0);
      const left = usable - weights;
      const room = perToken === 0 ? ENDLESS : Math.floor(left / perToken);
      const fits = weights <= rule.weightShare * memoryBytes && left >= 0;
      if (!fits || room < rule.minimumRequests * request) break;
      row.push(Math.min(ENDLESS, room));
    }
    return row;
  });
}

/** Layers without a cache leave room for any number of tokens; files hold no infinities. */
const ENDLESS = 1e15;
