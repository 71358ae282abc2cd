import { layerTensors } from "./layer-shape.js";
import type { LayerTensor, ModelShape } from "./layer-shape.js";

/**
 * Parameters of the model, each counted once, and those that one token's pass touches: embedding and
 * head in full, as is customary. O(layers).
 */
export function countParameters(shape: ModelShape): {
  readonly total: number;
  readonly active: number;
} {
  const matrix = shape.vocabularySize * shape.hiddenSize;
  const ends = matrix * (shape.tiedEmbeddings ? 1 : 2) + shape.embeddingExtras + shape.headExtras;
  const sum = (count: (tensor: LayerTensor) => number): number =>
    shape.layers.reduce(
      (total, layer) => total + layerTensors(layer).reduce((part, each) => part + count(each), 0),
      0,
    );
  return {
    total: sum(({ parameters }) => parameters) + ends + (shape.visionParameters ?? 0),
    active: sum(({ activeParameters }) => activeParameters) + ends,
  };
}
