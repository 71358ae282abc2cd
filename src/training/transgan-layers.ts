import { blockWork, type LayerWork } from "./roofline-times.js";
import { blockActivations } from "./transformer-layers.js";
import type { TrainingLayer } from "./training-job.js";

/** TransGAN's generator: six groups of blocks over growing resolutions with shrinking width. */
export interface TransganShape {
  readonly hidden: number;
  /** Blocks per group. */
  readonly depth: readonly [number, number, number, number, number, number];
  /** Side of the first feature map. */
  readonly bottom: number;
  readonly heads: number;
}

/** Per group: side of the map over `bottom`, width as a fraction of `hidden`, attention windows. */
const GROUPS = [
  { scale: 1, narrowing: 1, windows: 1 },
  { scale: 2, narrowing: 1, windows: 1 },
  { scale: 4, narrowing: 1, windows: 1 },
  { scale: 2, narrowing: 4, windows: 16 },
  { scale: 2, narrowing: 16, windows: 64 },
  { scale: 2, narrowing: 64, windows: 256 },
] as const;

/** Layers of the generator (an input projection, then the blocks) with the work of each. */
export function transganLayers(shape: TransganShape): {
  readonly layers: readonly TrainingLayer[];
  readonly work: readonly LayerWork[];
} {
  const { hidden, bottom, heads } = shape;
  const outputElements = hidden * bottom ** 2;
  const input: TrainingLayer = {
    name: "input",
    kind: "embedding",
    parameters: 0,
    outputElements,
    outputSplit: false,
    savedBytes: outputElements,
    savedSplitBytes: 0,
    checkpointBytes: outputElements,
  };
  const layers = [input];
  const work: LayerWork[] = [
    { flops: 0, weightBytes: 0, trafficBytes: 4 * outputElements, allReduceElements: 0 },
  ];
  GROUPS.forEach(({ scale, narrowing, windows }, group) => {
    const width = hidden / narrowing;
    const sequence = (scale * bottom) ** 2;
    const groupHeads = Math.max(1, Math.min(heads, Math.floor(width / 4)));
    for (let index = 0; index < shape.depth[group]!; index++) {
      layers.push({
        name: `group-${group}-block-${index}`,
        kind: "block",
        parameters: 12 * width ** 2,
        outputElements,
        outputSplit: false,
        ...blockActivations(sequence, width, groupHeads, windows),
      });
      work.push(blockWork(sequence, width, groupHeads, windows));
    }
  });
  return { layers, work };
}
