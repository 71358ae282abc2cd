import { matrix, vector } from "./layer-shape.js";
import type { LayerPart, LayerTensor } from "./layer-shape.js";

export interface DenseBlock {
  readonly hiddenSize: number;
  readonly width: number;
  /** 3 with a gate, 2 without. */
  readonly matrices: 2 | 3;
  readonly bias: boolean;
  /** Where its matrices stand. */
  readonly places: readonly string[];
}

export interface ExpertBlock {
  readonly hiddenSize: number;
  readonly matrices: 2 | 3;
  readonly total: number;
  readonly active: number;
  /** Experts without weights that the router knows beside the others. */
  readonly zeroExperts?: number;
  /** Inner width of one expert. */
  readonly width: number;
  /** Inner width of the experts that every token visits, together; 0 for none. */
  readonly sharedWidth: number;
  /** The shared expert has a gate of `hiddenSize` weights. */
  readonly sharedGate: boolean;
  /** The router has one bias per expert. */
  readonly routerBias: boolean;
  /** Experts carry biases in their matrices. */
  readonly expertBias: boolean;
  /** Experts work in so many dimensions, between two projections that all of them share. */
  readonly latentSize?: number;
}

const PLACES = ["mlp", "feed_forward", "block_sparse_moe", "mixer"];

export function denseBlock(shape: DenseBlock): LayerPart {
  return { tensors: blockTensors(shape) };
}

function blockTensors(shape: DenseBlock): readonly LayerTensor[] {
  const { hiddenSize, width, matrices, places } = shape;
  const names = matrices === 3 ? ["gate_proj", "up_proj", "down_proj"] : ["up_proj", "down_proj"];
  return [
    ...names.map((name) => matrix(named(places, name), hiddenSize * width)),
    vector(`${places[0]!}.bias`, shape.bias ? (matrices - 1) * width + hiddenSize : 0),
  ];
}

export function expertBlock(shape: ExpertBlock): LayerPart {
  const { hiddenSize, matrices, total, active, width, latentSize } = shape;
  const inner = latentSize ?? hiddenSize;
  const routed = total + (shape.zeroExperts ?? 0);
  const biases = shape.expertBias ? (matrices - 1) * width + hiddenSize : 0;
  const names = matrices === 3 ? ["gate_proj", "up_proj", "down_proj"] : ["up_proj", "down_proj"];
  const asExperts = (tensor: LayerTensor): LayerTensor => ({
    ...tensor,
    parameters: total * tensor.parameters,
    activeParameters: active * tensor.parameters,
  });
  const experts = PLACES.map((place) => `${place}.experts.0`);
  const shared = PLACES.flatMap((place) => [`${place}.shared_experts`, `${place}.shared_expert`]);
  return {
    tensors: [
      vector("mlp.gate", hiddenSize * routed),
      vector("mlp.gate.bias", shape.routerBias ? routed : 0),
      ...names.map((name) => asExperts(matrix(named(experts, name), inner * width))),
      asExperts(vector("mlp.experts.bias", biases)),
      ...(latentSize === undefined
        ? []
        : [matrix(named(PLACES, "latent_proj"), 2 * hiddenSize * latentSize)]),
      ...blockTensors({
        hiddenSize,
        matrices,
        width: shape.sharedWidth,
        bias: false,
        places: [...shared, "shared_mlp"],
      }),
      vector("mlp.shared_expert_gate", shape.sharedGate ? hiddenSize : 0),
    ],
  };
}

/** `gate_proj` is `w1` in Mixtral's checkpoints; gate and up are also stored as one matrix. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  gate_proj: ["gate_up_proj", "w1"],
  up_proj: ["gate_up_proj", "w3", "fc1"],
  down_proj: ["w2", "fc2"],
};

function named(places: readonly string[], name: string): readonly string[] {
  const names = [name, ...(OTHER_NAMES[name] ?? [])];
  return places.flatMap((place) => names.map((each) => `${place}.${each}`));
}
