import { pipelineBounds } from "../test/training/pipeline-bounds.js";
import { simulatePipeline, type PipelineTiming } from "../src/training/simulate-pipeline.js";

/*
 * The closed formula against the 1F1B schedule on 1,000 random pipelines each, by how dear transfers
 * are: node build/bench/training-schedule.js.
 */
const PIPELINES = 1000;

for (const share of [0, 0.01, 0.1, 0.5]) {
  const draw = generator(20_221_001);
  const errors: number[] = [];
  let [outside, atMost] = [0, 0];
  for (let i = 0; i < PIPELINES; i++) {
    const timing = randomPipeline(draw, share);
    const { makespan } = simulatePipeline(timing);
    const { closed, least, most } = pipelineBounds(timing);
    errors.push(closed / makespan - 1);
    if (makespan < least * (1 - 1e-9) || makespan > most * (1 + 1e-9)) outside++;
    atMost = Math.max(atMost, most / least - 1);
  }
  errors.sort((a, b) => a - b);
  const at = (quantile: number): string =>
    `${(100 * errors[Math.round(quantile * (PIPELINES - 1))]!).toFixed(2)} %`;
  console.log(
    `transfers up to ${share} of a stage: formula over schedule, least ${at(0)}, 5 % ${at(0.05)}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}; outside the bounds ${outside}; widest interval ${(100 * atMost).toFixed(0)} %`,
  );
}

/** 1 to 16 stages of one to two seconds, 1 to 64 micro-batches, backward twice the forward. */
function randomPipeline(draw: () => number, share: number): PipelineTiming {
  const stages = 1 + Math.floor(16 * draw());
  const forward = Array.from({ length: stages }, () => (1 + draw()) / 3);
  return {
    forward,
    backward: forward.map((seconds) => 2 * seconds),
    border: Array.from({ length: stages - 1 }, () => share * draw()),
    microBatches: 1 + Math.floor(64 * draw()),
  };
}

/** Mulberry32: numbers in [0, 1) from a seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
