import { layerTensors } from "./layer-tensors.js";
import type { ModelShape } from "../core/model-shape.js";

/** Parameters of layer `layer` (0-based). */
function layerParameters(shape: ModelShape, layer: number): number {
  return layerTensors(shape, layer).reduce((sum, tensor) => sum + tensor.parameters, 0);
}

/** Parameters of layer `layer` that one token passes through: without the experts it skips. */
function activeLayerParameters(shape: ModelShape, layer: number): number {
  return layerTensors(shape, layer).reduce((sum, tensor) => sum + tensor.activeParameters, 0);
}

/** Parameters of the token and position embeddings and of their norm. */
export function embeddingParameters(shape: ModelShape): number {
  const rows = shape.vocabularySize + (shape.learnedPositions ?? 0);
  const norm =
    shape.embeddingNorm === true ? shape.hiddenSize * (shape.normBias === true ? 2 : 1) : 0;
  return rows * shape.hiddenSize + norm;
}

/** Parameters of the final norm and of the output head, a tied head not counted again. */
export function headParameters(shape: ModelShape): number {
  const norm = shape.hiddenSize * (shape.normBias === true ? 2 : 1);
  const head = shape.tiedEmbeddings ? 0 : shape.vocabularySize * shape.hiddenSize;
  return norm + head + (shape.headBias === true ? shape.vocabularySize : 0);
}

/** All parameters of the model, each counted once. O(layers). */
export function totalParameters(shape: ModelShape): number {
  return sumOverLayers(shape, layerParameters) + embeddingParameters(shape) + headParameters(shape);
}

/** Parameters that one token's pass touches; embedding and head in full, as is customary. */
export function activeParameters(shape: ModelShape): number {
  return (
    sumOverLayers(shape, activeLayerParameters) + embeddingParameters(shape) + headParameters(shape)
  );
}

function sumOverLayers(
  shape: ModelShape,
  count: (shape: ModelShape, layer: number) => number,
): number {
  let sum = 0;
  for (let layer = 0; layer < shape.layers; layer++) sum += count(shape, layer);
  return sum;
}
