import { largest } from "../core/extremes.js";
import { layerTensors } from "./layer-tensors.js";
import type { Model } from "../core/model.js";
import type { ModelShape } from "../core/model-shape.js";
import { embeddingParameters, headParameters } from "./parameter-counts.js";

/** Bytes of one token id on the wire (Helix counts two). */
const TOKEN_BYTES = 2;
/** Activations travel in 16 bits whatever the weights are stored in. */
const ACTIVATION_ELEMENT_BYTES = 2;

/** Bytes and KV per layer of a model with the given shape. O(layers). */
export function modelFromShape(name: string, shape: ModelShape): Model {
  const layers = Array.from({ length: shape.layers }, (_, layer) => layer);
  const bytesByLayer = layers.map((layer) => layerWeightBytes(shape, layer));
  const layerBytes = largest(bytesByLayer);
  const differ = bytesByLayer.some((bytes) => bytes !== layerBytes);
  const tiedHeadBytes = shape.tiedEmbeddings
    ? shape.vocabularySize * shape.hiddenSize * shape.weightBytes
    : 0;
  return {
    name,
    layers: shape.layers,
    layerBytes,
    activationBytes: shape.hiddenSize * ACTIVATION_ELEMENT_BYTES,
    tokenBytes: TOKEN_BYTES,
    kvBytesPerToken: kvElementsPerToken(shape) * shape.kvElementBytes,
    ...(differ ? { bytesByLayer } : {}),
    embeddingBytes: embeddingParameters(shape) * shape.weightBytes,
    headBytes: headParameters(shape) * shape.weightBytes + tiedHeadBytes,
    shape,
  };
}

/** Weight bytes of layer `layer` (0-based): quantised where quantised, scales included. */
export function layerWeightBytes(shape: ModelShape, layer: number): number {
  return layerTensors(shape, layer).reduce((sum, { module, kind, parameters }) => {
    const name = `model.layers.${layer}.${module}`;
    return sum + parameters * (kind === "vector" ? shape.weightBytes : weightBytes(shape, name));
  }, 0);
}

/** Cache elements per token and layer: keys and values, or one latent vector. */
function kvElementsPerToken(shape: ModelShape): number {
  const latent = shape.latentAttention;
  if (latent !== undefined) return latent.keyValueRank + latent.ropeDimension;
  return 2 * shape.keyValueHeads * shape.headDimension;
}

function weightBytes(shape: ModelShape, module: string): number {
  const quantization = shape.quantization;
  if (quantization === undefined) return shape.weightBytes;
  const skipped = quantization.skippedModules.some((part) => matchesModule(module, part));
  return skipped ? shape.weightBytes : quantization.bytesPerWeight;
}

/** A skip entry names whole path segments (`layers.1` is not `layers.10`), `*` any one of them. */
function matchesModule(module: string, part: string): boolean {
  const wanted = part.replace(/^re:\.?\*?|\.weight$|\.\*$|\$$/g, "").split(".");
  const segments = module.split(".");
  return segments.some((_, start) =>
    wanted.every((name, index) => name === "*" || name === segments[start + index]),
  );
}
