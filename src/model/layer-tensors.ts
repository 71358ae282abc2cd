import type { ExpertShape, LatentAttentionShape, ModelShape } from "../core/model-shape.js";

/** A group of weights of one layer, by the name the public checkpoints give it. */
export interface LayerTensor {
  readonly module: string;
  readonly parameters: number;
  /** Parameters that one token's pass touches; less than `parameters` only for routed experts. */
  readonly activeParameters: number;
  /** Matrices may be quantised, vectors (norms, biases) never are. */
  readonly kind: "matrix" | "vector";
}

/**
 * The weights of layer `layer` (0-based). Formulas: docs/models.md. O(1).
 */
export function layerTensors(shape: ModelShape, layer: number): readonly LayerTensor[] {
  const experts = shape.experts;
  const dense = experts === undefined || (experts.denseLayers?.includes(layer) ?? false);
  const attention =
    shape.latentAttention === undefined
      ? headAttention(shape)
      : latentAttention(shape, shape.latentAttention);
  const feedForward = dense
    ? denseBlock("mlp", shape, shape.intermediateSize)
    : expertBlock(shape, experts);
  const normSize = shape.hiddenSize * (shape.normBias === true ? 2 : 1);
  return [
    ...attention,
    ...feedForward,
    vector("norms", (shape.normsPerLayer ?? 2) * normSize + (shape.extraLayerParameters ?? 0)),
  ].filter((tensor) => tensor.parameters > 0);
}

function headAttention(shape: ModelShape): readonly LayerTensor[] {
  const { hiddenSize, attentionHeads, keyValueHeads, headDimension } = shape;
  const queries = attentionHeads * headDimension;
  const keys = keyValueHeads * headDimension;
  const bias = shape.attentionBias ?? "none";
  return [
    matrix("self_attn.q_proj", hiddenSize * queries),
    matrix("self_attn.k_proj", hiddenSize * keys),
    matrix("self_attn.v_proj", hiddenSize * keys),
    matrix("self_attn.o_proj", queries * hiddenSize),
    vector("self_attn.qkv_bias", bias === "none" ? 0 : queries + 2 * keys),
    vector("self_attn.o_bias", bias === "all" ? hiddenSize : 0),
  ];
}

function latentAttention(shape: ModelShape, latent: LatentAttentionShape): readonly LayerTensor[] {
  const { hiddenSize, attentionHeads: heads } = shape;
  const { queryRank, keyValueRank, nopeDimension, ropeDimension, valueDimension } = latent;
  const queryWidth = heads * (nopeDimension + ropeDimension);
  const queries =
    queryRank === undefined
      ? [matrix("self_attn.q_proj", hiddenSize * queryWidth)]
      : [
          matrix("self_attn.q_a_proj", hiddenSize * queryRank),
          matrix("self_attn.q_b_proj", queryRank * queryWidth),
        ];
  return [
    ...queries,
    matrix("self_attn.kv_a_proj_with_mqa", hiddenSize * (keyValueRank + ropeDimension)),
    matrix("self_attn.kv_b_proj", keyValueRank * heads * (nopeDimension + valueDimension)),
    matrix("self_attn.o_proj", heads * valueDimension * hiddenSize),
    vector("self_attn.a_layernorm", (queryRank ?? 0) + keyValueRank),
  ];
}

function denseBlock(module: string, shape: ModelShape, width: number): readonly LayerTensor[] {
  const matrices = shape.feedForwardMatrices ?? 3;
  const biases = shape.feedForwardBias === true ? (matrices - 1) * width + shape.hiddenSize : 0;
  const names = matrices === 3 ? ["gate_proj", "up_proj", "down_proj"] : ["up_proj", "down_proj"];
  return [
    ...names.map((name) => matrix(`${module}.${name}`, shape.hiddenSize * width)),
    vector(`${module}.bias`, biases),
  ];
}

function expertBlock(shape: ModelShape, experts: ExpertShape): readonly LayerTensor[] {
  const width = experts.intermediateSize ?? shape.intermediateSize;
  const matrices = shape.feedForwardMatrices ?? 3;
  const biases = experts.expertBias === true ? (matrices - 1) * width + shape.hiddenSize : 0;
  const share = (kind: "matrix" | "vector", module: string, each: number): LayerTensor => ({
    module,
    kind,
    parameters: experts.total * each,
    activeParameters: experts.active * each,
  });
  return [
    vector("mlp.gate", shape.hiddenSize * experts.total),
    vector("mlp.gate.bias", experts.routerBias === true ? experts.total : 0),
    share("matrix", "mlp.experts.proj", matrices * shape.hiddenSize * width),
    share("vector", "mlp.experts.bias", biases),
    ...denseBlock("mlp.shared_experts", shape, experts.sharedIntermediateSize ?? 0),
    vector("mlp.shared_expert_gate", experts.sharedGate === true ? shape.hiddenSize : 0),
  ];
}

function matrix(module: string, parameters: number): LayerTensor {
  return { module, parameters, activeParameters: parameters, kind: "matrix" };
}

function vector(module: string, parameters: number): LayerTensor {
  return { module, parameters, activeParameters: parameters, kind: "vector" };
}
