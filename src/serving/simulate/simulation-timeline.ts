import type { ObservedBatch } from "./simulation-input.js";

/** Collects batches for a timeline: those that start inside a stretch of time, up to a number. */
export interface Timeline {
  add(batch: ObservedBatch): void;
  /** Chrome trace format (chrome://tracing, Perfetto). */
  toJson(nodeNames: readonly string[]): string;
  readonly dropped: () => number;
}

const MICROSECONDS = 1e6;

/**
 * A timeline with one row per node and one bar per batch; bars of the same requests on consecutive
 * layers become one.
 */
export function createTimeline(from: number, until: number, most: number): Timeline {
  interface Bar {
    readonly node: number;
    readonly startSeconds: number;
    endSeconds: number;
    readonly firstLayer: number;
    endLayer: number;
    readonly prompts: number;
    readonly promptTokens: number;
    readonly decodes: number;
  }
  const bars: Bar[] = [];
  const latest = new Map<number, Bar>();
  let dropped = 0;
  return {
    add(batch) {
      if (batch.startSeconds < from || batch.startSeconds >= until) return;
      const last = latest.get(batch.node);
      if (
        last !== undefined &&
        last.endSeconds === batch.startSeconds &&
        last.endLayer === batch.layers[0] &&
        last.promptTokens === batch.promptTokens &&
        last.decodes === batch.decodes
      ) {
        last.endSeconds = batch.endSeconds;
        last.endLayer = batch.layers[1];
        return;
      }
      if (bars.length >= most) {
        dropped += 1;
        return;
      }
      const { node, startSeconds, endSeconds, prompts, promptTokens, decodes } = batch;
      const [firstLayer, endLayer] = batch.layers;
      const bar = {
        node,
        startSeconds,
        endSeconds,
        firstLayer,
        endLayer,
        prompts,
        promptTokens,
        decodes,
      };
      bars.push(bar);
      latest.set(node, bar);
    },
    toJson: (nodeNames) =>
      JSON.stringify({
        displayTimeUnit: "ms",
        traceEvents: [
          ...nodeNames.map((name, tid) => ({
            name: "thread_name",
            ph: "M",
            pid: 0,
            tid,
            args: { name },
          })),
          ...bars.map((bar) => ({
            name: describe(bar.prompts, bar.decodes),
            cat: bar.prompts > 0 ? "prompt" : "decode",
            ph: "X",
            pid: 0,
            tid: bar.node,
            ts: bar.startSeconds * MICROSECONDS,
            dur: (bar.endSeconds - bar.startSeconds) * MICROSECONDS,
            args: {
              layers: `${bar.firstLayer}:${bar.endLayer}`,
              prompts: bar.prompts,
              promptTokens: bar.promptTokens,
              decodes: bar.decodes,
            },
          })),
        ],
      }),
    dropped: () => dropped,
  };
}

function describe(prompts: number, decodes: number): string {
  const parts = [];
  if (prompts > 0) parts.push(`${prompts} prompt${prompts === 1 ? "" : "s"}`);
  if (decodes > 0) parts.push(`${decodes} decode${decodes === 1 ? "" : "s"}`);
  return parts.join(" + ");
}
