/** Durations of a pipeline in 1F1B order. All in seconds. */
export interface PipelineTiming {
  /** Forward of one micro-batch, by stage. Length k ≥ 1. */
  readonly forward: readonly number[];
  /** Backward of one micro-batch, by stage. */
  readonly backward: readonly number[];
  /** Transfer across each border, each way. Length k − 1. */
  readonly border: readonly number[];
  readonly microBatches: number;
}

interface PipelineEvent {
  readonly stage: number;
  readonly microBatch: number;
  readonly pass: "forward" | "backward";
  readonly start: number;
  readonly end: number;
}

export interface PipelineRun {
  /** End of the last event. */
  readonly makespan: number;
  /** By stage, then by start. Length 2·B·k. */
  readonly events: readonly PipelineEvent[];
}

/**
 * Runs the 1F1B schedule (PipeDream-flush, as in Megatron and DeepSpeed): stage p of k does
 * min(B, k − p − 1) forwards, then one forward and one backward in turn, then the backwards left.
 * A pass starts when its stage is free and its input has arrived; transfers take their time and
 * overlap with work. No pass is reordered, none is pre-empted. O(B·k).
 */
export function simulatePipeline(timing: PipelineTiming): PipelineRun {
  const stages = timing.forward.length;
  const { microBatches } = timing;
  const orders = timing.forward.map((_, stage) => scheduleOf(stage, stages, microBatches));
  const ends = {
    forward: timing.forward.map(() => new Float64Array(microBatches).fill(NaN)),
    backward: timing.forward.map(() => new Float64Array(microBatches).fill(NaN)),
  };
  const next = timing.forward.map(() => 0);
  const free = timing.forward.map(() => 0);
  const events: PipelineEvent[][] = timing.forward.map(() => []);
  /** When the input of a pass is there; NaN while its producer has not run. */
  const inputAt = (stage: number, { pass, microBatch }: Pass): number => {
    if (pass === "forward") {
      if (stage === 0) return 0;
      return ends.forward[stage - 1]![microBatch]! + timing.border[stage - 1]!;
    }
    if (stage === stages - 1) return ends.forward[stage]![microBatch]!;
    return ends.backward[stage + 1]![microBatch]! + timing.border[stage]!;
  };
  const advance = (stage: number): boolean => {
    let moved = false;
    for (let pass = orders[stage]![next[stage]!]; pass; pass = orders[stage]![next[stage]!]) {
      const ready = inputAt(stage, pass);
      if (Number.isNaN(ready)) return moved;
      const start = Math.max(ready, free[stage]!);
      const end = start + timing[pass.pass][stage]!;
      ends[pass.pass][stage]![pass.microBatch] = end;
      events[stage]!.push({ stage, ...pass, start, end });
      free[stage] = end;
      next[stage]!++;
      moved = true;
    }
    return moved;
  };
  for (let moved = true; moved;) {
    moved = false;
    for (let stage = 0; stage < stages; stage++) moved = advance(stage) || moved;
    for (let stage = stages - 1; stage >= 0; stage--) moved = advance(stage) || moved;
  }
  return { makespan: Math.max(...free), events: events.flat() };
}

interface Pass {
  readonly pass: "forward" | "backward";
  readonly microBatch: number;
}

function scheduleOf(stage: number, stages: number, microBatches: number): readonly Pass[] {
  const ahead = Math.min(microBatches, stages - stage - 1);
  const passes: Pass[] = [];
  for (let i = 0; i < microBatches + ahead; i++) {
    if (i < microBatches) passes.push({ pass: "forward", microBatch: i });
    if (i >= ahead) passes.push({ pass: "backward", microBatch: i - ahead });
  }
  return passes;
}
