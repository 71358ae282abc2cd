import type { EstimateError } from "../core/capacity.js";
import { efficiencyOf } from "./card-efficiency.js";
import { isMeasuredEngine } from "./engine-overhead.js";
import type { Gpu } from "./gpu.js";

/**
 * Nine of ten measurements of a layer on the card lay within these shares of the estimate, prompts and
 * decode (bench/measured.ts, the half of the rows that nothing was fitted on).
 */
const COMPARED: Readonly<Record<string, readonly [prompt: number, decode: number]>> = {
  "A100-80GB": [0.15, 0.07],
  A40: [0.11, 0.1],
  "B200-180GB": [0.1, 0.17],
  "H100-80GB": [0.18, 0.12],
  "H200-141GB": [0.23, 0.13],
  L40S: [0.12, 0.12],
  "RTX-PRO-6000-Server": [0.1, 0.08],
};

/** Cards of the same chip were not compared; as far off as the worst of those that were. */
const ALIKE: EstimateError = {
  prompt: 0.25,
  decode: 0.2,
  basis: "as measured cards with the same chip, this one not compared",
};

/** V100, L4 and T4 against the curves of the Helix artifact, which nothing was fitted on: nine of ten. */
const ASSUMED: EstimateError = {
  prompt: 0.25,
  decode: 0.25,
  basis: "nobody measured this card; as far off as other such cards",
};

/**
 * How far the estimate of a layer on a card may be off. O(1).
 * @param engine runs the layer; vLLM's overhead stands in for one that nobody measured, which is said.
 */
export function estimateError(gpu: Gpu, engine = "vllm"): EstimateError {
  const error = errorOf(gpu);
  if (isMeasuredEngine(engine)) return error;
  return {
    ...error,
    basis: `${error.basis}; overhead of ${engine} not measured, vLLM's stands in`,
  };
}

function errorOf(gpu: Gpu): EstimateError {
  const compared = COMPARED[gpu.name];
  if (compared !== undefined) {
    const [prompt, decode] = compared;
    return { prompt, decode, basis: "nine of ten measurements of this card lay within" };
  }
  return efficiencyOf(gpu).source === "like a measured card" ? ALIKE : ASSUMED;
}
