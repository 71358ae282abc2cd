import { blockWork, type LayerWork } from "./roofline-times.js";
import type { TrainingLayer, TransformerShape } from "./training-job.js";

/** Bytes of a half-precision activation element. */
const HALF = 2;

/**
 * A GPT-style model: embedding, blocks, head (final norm, projection to the vocabulary, loss), L =
 * blocks + 2. Block activations per sample after Korthikanti et al. 2022 equation 2 (tensor
 * parallelism without sequence parallelism): s·h·(10 + 24/tp + 5·a·s/(h·tp)) bytes; the head keeps
 * its input and, per logit, the half-precision value, its single-precision copy and the softmax.
 */
export function transformerLayers(shape: TransformerShape): readonly TrainingLayer[] {
  const { hidden, sequence, blocks, vocabulary } = shape;
  const embedding = { parameters: hidden * vocabulary, tie: "embedding" };
  const hiddenElements = sequence * hidden;
  const block = (index: number): TrainingLayer => ({
    name: `block-${index}`,
    kind: "block",
    parameters: 12 * hidden ** 2,
    outputElements: hiddenElements,
    outputSplit: false,
    ...blockActivations(sequence, hidden, shape.heads, 1),
  });
  return [
    {
      name: "embedding",
      kind: "embedding",
      ...embedding,
      outputElements: hiddenElements,
      outputSplit: false,
      savedBytes: hiddenElements,
      savedSplitBytes: 0,
      checkpointBytes: hiddenElements,
    },
    ...Array.from({ length: blocks }, (_, index) => block(index)),
    {
      name: "head",
      kind: "head",
      ...embedding,
      outputElements: sequence * vocabulary,
      outputSplit: true,
      savedBytes: HALF * hiddenElements,
      savedSplitBytes: (HALF + 4 + 4) * sequence * vocabulary,
      checkpointBytes: HALF * hiddenElements,
    },
  ];
}

/**
 * Activation bytes of one transformer block per sample that runs `windows` sequences.
 * @returns `savedBytes` on every tensor rank, `savedSplitBytes` shared, `checkpointBytes` of its input.
 */
export function blockActivations(
  sequence: number,
  hidden: number,
  heads: number,
  windows: number,
): Pick<TrainingLayer, "savedBytes" | "savedSplitBytes" | "checkpointBytes"> {
  const elements = windows * sequence * hidden;
  return {
    savedBytes: 10 * elements,
    savedSplitBytes: 24 * elements + 5 * windows * heads * sequence ** 2,
    checkpointBytes: HALF * elements,
  };
}

/** The forward work of each of the layers of `transformerLayers`, in their order. */
export function transformerWork(shape: TransformerShape): readonly LayerWork[] {
  const { hidden, sequence, blocks, vocabulary, heads } = shape;
  const lookup = {
    flops: 0,
    weightBytes: 0,
    trafficBytes: 2 * HALF * sequence * hidden,
    allReduceElements: sequence * hidden,
  };
  const head = {
    flops: 2 * sequence * hidden * vocabulary,
    weightBytes: HALF * hidden * vocabulary,
    trafficBytes: (HALF + 4 + 4) * sequence * vocabulary,
    allReduceElements: 0,
  };
  const block = blockWork(sequence, hidden, heads, 1);
  return [lookup, ...Array.from({ length: blocks }, () => block), head];
}
