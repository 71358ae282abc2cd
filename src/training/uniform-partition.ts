import type { TrainingLayer } from "./training-job.js";

/**
 * AMP's cut for a single micro-batch, as its public code has it for the two models it knows: blocks shared out
 * evenly, the remainder to the first stages. Of a model with a head (GPT) layers before the first block go to the
 * first stage and layers after the last block to the last; of one without (TransGAN) all of them go to the last.
 * @returns layers per stage, or undefined when a stage would stay empty.
 */
export function partitionUniformly(
  layers: readonly TrainingLayer[],
  stages: number,
): readonly number[] | undefined {
  const first = layers.findIndex((layer) => layer.kind === "block");
  const last = layers.findLastIndex((layer) => layer.kind === "block");
  const [before, after] = first < 0 ? [0, 0] : [first, layers.length - 1 - last];
  const headed = layers.some((layer) => layer.kind === "head");
  const [head, tail] = headed ? [before, after] : [0, before + after];
  const blocks = layers.length - head - tail;
  const each = Math.floor(blocks / stages);
  const counts = Array.from({ length: stages }, (_, stage) =>
    stage < blocks - each * stages ? each + 1 : each,
  );
  counts[0]! += head;
  counts[stages - 1]! += tail;
  return counts.every((count) => count > 0) ? counts : undefined;
}
