import type { Curve } from "../../src/core/capacity.js";

/** Llama 30B on T4, from the public Helix artifact: the samples that its own table rests on. */
export const T4_30B: {
  readonly promptSeconds: Curve;
  readonly decodeSeconds: Curve;
  readonly kvBlocks: readonly number[];
  readonly published: readonly number[];
} = {
  promptSeconds: [
    [0, 0],
    [250, 0.012],
    [500, 0.02],
    [750, 0.031],
    [1000, 0.041],
  ],
  decodeSeconds: [
    [0, 0],
    [2, 0.0047],
    [4, 0.0049],
    [6, 0.0051],
  ],
  kvBlocks: [26849, 12164, 7269, 4821, 3353, 2374, 1675],
  published: [1803.998, 808.499, 539.015, 356.672, 397.685, 331.373, 230.992],
};

export const PAPER_WORKLOAD = { name: "paper", promptTokens: 750, outputTokens: 240 };
