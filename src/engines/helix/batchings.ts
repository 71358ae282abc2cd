import type { NodeBatching } from "../batching.js";
import type { Calibration } from "../calibration.js";
import { createContinuousBatching } from "./continuous-batching.js";
import { createLayerwiseBatching, DEFAULT_DECODE_ROUNDS } from "./layerwise-batching.js";

const LAYERWISE: Calibration = {
  crowd: 57.06,
  byConcurrency: 0.2401,
  byShare: 0.8258,
  visit: 1.632,
  promptQueue: 0.3012,
  promptLayer: 0.01901,
  linkQueue: 0.2579,
  linkCrowd: 1.111,
  promptWork: 0.4518,
  promptDecodes: 1.231,
  tails: { timeToFirstToken: 1.69, timePerOutputToken: 2.33 },
};

const DECODE_FIRST: Calibration = {
  crowd: 66.96,
  byConcurrency: 0.136,
  byShare: 0.8983,
  visit: 1.246,
  promptQueue: 0.1755,
  promptLayer: 0.3237,
  linkQueue: 0.446,
  linkCrowd: 0.02455,
  promptWork: 1.834,
  promptDecodes: 1.021,
  tails: { timeToFirstToken: 1.5, timePerOutputToken: 1.3 },
};

/** How a Helix runtime forms batches. A new rule is a row, with its own file where it needs one. */
const RULES = [
  {
    name: "layerwise",
    help: "as in the Helix paper",
    runs: "layer",
    calibration: LAYERWISE,
    create: (parts) => createLayerwiseBatching(parts),
  },
  {
    name: "decode-first",
    help: "layer by layer, prompts in the gaps between decodes",
    runs: "layer",
    calibration: DECODE_FIRST,
    create: (parts) => createLayerwiseBatching(parts, parts.decodeRounds ?? DEFAULT_DECODE_ROUNDS),
  },
  {
    name: "continuous",
    help: "chunked prompts, all layers at once",
    runs: "stage",
    // Close enough to layerwise to share its figures.
    calibration: LAYERWISE,
    create: createContinuousBatching,
  },
] as const satisfies readonly NodeBatching[];

export type BatchingName = (typeof RULES)[number]["name"];
export const BATCHINGS: readonly (NodeBatching & { readonly name: BatchingName })[] = RULES;

export function findBatching(name: BatchingName): NodeBatching {
  return BATCHINGS.find((rule) => rule.name === name)!;
}
