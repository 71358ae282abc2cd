import { largest } from "../core/extremes.js";
import type { LayerRun, Model } from "../core/model.js";
import { layerTensors } from "./layer-shape.js";
import type { LayerShape, ModelShape } from "./layer-shape.js";
import { countParameters } from "./parameter-counts.js";
import { endBytes, matrixBytes } from "./quantization.js";
import type { Quantization } from "./quantization.js";

/** Bytes of one token id on the wire (Helix counts two). */
const TOKEN_BYTES = 2;
/** Activations travel in 16 bits whatever the weights are stored in. */
const ACTIVATION_ELEMENT_BYTES = 2;

/** In which types weights and cache are kept. */
export interface Precision {
  /** Bytes per weight as computed with (2 for bf16 and fp16); what `quantization` skips keeps it. */
  readonly weightBytes: number;
  readonly kvElementBytes: number;
  readonly quantization?: Quantization;
}

/** Bytes, cache and cost of every layer of a model with the given shape. O(layers · patterns). */
export function modelFromShape(name: string, shape: ModelShape, precision: Precision): Model {
  const { weightBytes, quantization } = precision;
  const layers = shape.layers.map((layer, index) => describeLayer(layer, index, precision));
  const matrixParameters = shape.vocabularySize * shape.hiddenSize;
  const embedding = matrixParameters * endBytes(quantization, weightBytes, "embedding");
  const head = shape.tiedEmbeddings
    ? embedding
    : matrixParameters * endBytes(quantization, weightBytes, "head");
  return {
    ...modelFromLayers(name, layers),
    activationBytes: shape.hiddenSize * ACTIVATION_ELEMENT_BYTES,
    tokenBytes: TOKEN_BYTES,
    embeddingBytes:
      embedding + (shape.embeddingExtras + (shape.visionParameters ?? 0)) * weightBytes,
    headBytes: head + shape.headExtras * weightBytes,
    ...(shape.tiedEmbeddings ? { tiedBytes: embedding } : {}),
    parameters: countParameters(shape),
    ...(quantization === undefined ? {} : { quantization: quantization.method }),
  };
}

/** The part of a model that its layers make up. */
export function modelFromLayers(
  name: string,
  layers: readonly LayerRun[],
): Pick<Model, "name" | "layers" | "layerBytes" | "kvBytesPerToken" | "runs"> {
  return {
    name,
    layers: layers.reduce((sum, { count }) => sum + count, 0),
    layerBytes: largest(layers.map(({ bytes }) => bytes)),
    kvBytesPerToken: largest(layers.map(({ kvBytesPerToken }) => kvBytesPerToken)),
    runs: joinEqual(layers),
  };
}

function describeLayer(layer: LayerShape, index: number, precision: Precision): LayerRun {
  const { weightBytes, kvElementBytes, quantization } = precision;
  let [bytes, expertBytes, active, experts, visited] = [0, 0, 0, 0, 0];
  for (const tensor of layerTensors(layer)) {
    const each =
      tensor.kind === "vector"
        ? weightBytes
        : matrixBytes(quantization, weightBytes, index, tensor.modules);
    bytes += tensor.parameters * each;
    active += tensor.activeParameters;
    if (tensor.activeParameters === tensor.parameters) continue;
    expertBytes += tensor.parameters * each;
    experts += tensor.parameters;
    visited += tensor.activeParameters;
  }
  const sum = (value: (part: LayerShape[number]) => number | undefined): number =>
    layer.reduce((total, part) => total + (value(part) ?? 0), 0);
  const cache = layer.find((part) => part.cache !== undefined)?.cache;
  return {
    count: 1,
    bytes,
    expertBytes,
    expertShare: experts === 0 ? 1 : visited / experts,
    activeParameters: active,
    attentionFlops: sum((part) => part.attentionFlops),
    kvBytesPerToken:
      sum((part) => part.cache?.elements) * kvElementBytes + sum((part) => part.indexBytes),
    ...(cache?.window === undefined ? {} : { kvWindow: cache.window }),
    stateBytes: sum((part) => part.stateBytes),
    ...(cache === undefined ? {} : { cacheHeads: cache.heads }),
    productBits: quantization?.productBits ?? (weightBytes === 1 ? 8 : 16),
  };
}

/** Neighbours that are alike become one run. */
function joinEqual(layers: readonly LayerRun[]): readonly LayerRun[] {
  const runs: LayerRun[] = [];
  for (const layer of layers) {
    const last = runs[runs.length - 1];
    if (last !== undefined && isSame(last, layer))
      runs[runs.length - 1] = { ...last, count: last.count + layer.count };
    else runs.push(layer);
  }
  return runs;
}

function isSame(a: LayerRun, b: LayerRun): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as ReadonlySet<keyof LayerRun>;
  return [...keys].every((key) => key === "count" || a[key] === b[key]);
}
