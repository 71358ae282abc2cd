import { layerTensors } from "../model/layer-tensors.js";
import type { Model, ModelShape } from "../core/model.js";
import { layerWeightBytes } from "../model/model-from-shape.js";

/** Bytes per weight assumed where only the bytes of a layer are known. */
const ASSUMED_WEIGHT_BYTES = 2;

/** What running one layer costs, per token and per batch. */
export interface LayerCost {
  /** Layers of this kind in the model. */
  readonly count: number;
  /** Weights that every batch reads. */
  readonly sharedBytes: number;
  /** Weights of all routed experts together; a batch reads those that its tokens visit. */
  readonly expertBytes: number;
  /** Share of the experts that one token visits. */
  readonly expertShare: number;
  /** Multiply-adds per token, twice the weights it passes. */
  readonly flopsPerToken: number;
  /** Multiply-adds per token and per token of context (scores and weighted values). */
  readonly attentionFlops: number;
  readonly kvBytesPerToken: number;
  /** Products run in 8 bits where the GPU can. */
  readonly eightBit: boolean;
}

/** The kinds of layers of a model, each with how many there are. O(layers). */
export function layerCosts(model: Model): readonly LayerCost[] {
  const shape = model.shape;
  if (shape === undefined) return [costWithoutShape(model)];
  const dense = shape.experts?.denseLayers?.filter((layer) => layer < shape.layers) ?? [];
  const denseLayer = dense[0];
  const kinds: LayerCost[] = [];
  const rest = Array.from({ length: shape.layers }, (_, layer) => layer).find(
    (layer) => !dense.includes(layer),
  );
  if (denseLayer !== undefined) kinds.push(layerCost(model, shape, denseLayer, dense.length));
  if (rest !== undefined) {
    kinds.push(layerCost(model, shape, rest, shape.layers - dense.length));
  }
  return kinds;
}

function layerCost(model: Model, shape: ModelShape, layer: number, count: number): LayerCost {
  const tensors = layerTensors(shape, layer);
  const bytes = layerWeightBytes(shape, layer);
  const parameters = tensors.reduce((sum, tensor) => sum + tensor.parameters, 0);
  const active = tensors.reduce((sum, tensor) => sum + tensor.activeParameters, 0);
  const experts = tensors
    .filter((tensor) => tensor.activeParameters < tensor.parameters)
    .reduce((sum, tensor) => sum + tensor.parameters, 0);
  const expertBytes = bytes * (experts / parameters);
  const latent = shape.latentAttention;
  const headWidth =
    latent === undefined
      ? 2 * shape.headDimension
      : latent.nopeDimension + latent.ropeDimension + latent.valueDimension;
  return {
    count,
    sharedBytes: bytes - expertBytes,
    expertBytes,
    expertShare: shape.experts === undefined ? 1 : shape.experts.active / shape.experts.total,
    flopsPerToken: 2 * active,
    attentionFlops: 2 * shape.attentionHeads * headWidth,
    kvBytesPerToken: model.kvBytesPerToken,
    eightBit: shape.weightBytes === 1 || shape.quantization?.method === "fp8",
  };
}

function costWithoutShape(model: Model): LayerCost {
  return {
    count: model.layers,
    sharedBytes: model.layerBytes,
    expertBytes: 0,
    expertShare: 1,
    flopsPerToken: 2 * (model.layerBytes / ASSUMED_WEIGHT_BYTES),
    attentionFlops: 2 * model.activationBytes,
    kvBytesPerToken: model.kvBytesPerToken,
    eightBit: false,
  };
}
