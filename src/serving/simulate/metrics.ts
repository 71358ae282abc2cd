import type { Batching } from "../../engines/batching.js";
import { createHistogram } from "./histogram.js";
import { createSpannedHistogram } from "./spanned-histogram.js";
import { SAMPLES_PER_SPAN } from "./confidence.js";
import type { NodeState } from "../../engines/node-state.js";
import type { NodeReport, SamplePoint, SimulationMetrics } from "./result.js";

/** Collects the figures of a run, over its window. Memory does not grow with simulated time. */
export interface Metrics {
  /** Starts the window: forgets what was seen so far. */
  open(now: number): void;
  /** A prompt has left a node after so many seconds. */
  leave(node: number, seconds: number): void;
  arrive(node: number): void;
  /** To be called before the number of requests waiting, or the KV used, on a node changes. */
  touch(node: number, now: number): void;
  batch(node: number, seconds: number): void;
  prompt(tokens: number, seconds: number): void;
  decode(seconds: number): void;
  finish(seconds: number, stages: number): void;
  preempt(node: number): void;
  inFlight(change: number, now: number): void;
  sample(now: number, waitingOutside: number): void;
  close(now: number): SimulationMetrics;
}

export function createMetrics(nodes: NodeState, batching: Batching): Metrics {
  const count = nodes.count;
  const floats = (): Float64Array => new Float64Array(count);
  let start = 0;
  const ttft = createSpannedHistogram();
  const tpot = createSpannedHistogram();
  let span = 0;
  let total = createHistogram();
  let decodes = 0;
  let promptTokens = 0;
  let stages = 0;
  let flying = 0;
  let flyingSince = 0;
  let flyingIntegral = 0;
  const per = {
    busy: floats(),
    batches: floats(),
    decodeBatches: floats(),
    batchedDecodes: floats(),
    seenByDecodes: floats(),
    arrivals: floats(),
    prompts: floats(),
    promptResidence: floats(),
    waitingIntegral: floats(),
    kvIntegral: floats(),
    kvPeak: floats(),
    preemptions: floats(),
  };
  const since = floats();
  let samples: SamplePoint[] = [];
  let lastSample = { at: 0, decodes: 0, promptTokens: 0 };

  function touch(node: number, now: number): void {
    const elapsed = now - since[node]!;
    since[node] = now;
    per.waitingIntegral[node]! += nodes.waiting[node]! * elapsed;
    per.kvIntegral[node]! += nodes.kvUsed[node]! * elapsed;
    if (nodes.kvUsed[node]! > per.kvPeak[node]!) per.kvPeak[node] = nodes.kvUsed[node]!;
  }

  function reportNode(node: number, seconds: number): NodeReport {
    const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
    const capacity = nodes.kvCapacity[node]!;
    const known = Number.isFinite(capacity);
    return {
      node,
      busy: share(per.busy[node]!, seconds),
      batches: per.batches[node]!,
      meanDecodeBatch: share(per.batchedDecodes[node]!, per.decodeBatches[node]!),
      decodeBatchSeen: share(per.seenByDecodes[node]!, per.batchedDecodes[node]!),
      meanWaiting: share(per.waitingIntegral[node]!, seconds),
      meanWaitSeconds: share(per.waitingIntegral[node]!, per.arrivals[node]!),
      promptResidenceSeconds: share(per.promptResidence[node]!, per.prompts[node]!),
      kvUse: known ? share(per.kvIntegral[node]! / capacity, seconds) : 0,
      kvPeak: known ? share(per.kvPeak[node]!, capacity) : 0,
      preemptions: per.preemptions[node]!,
    };
  }

  return {
    open(now) {
      start = now;
      ttft.clear();
      tpot.clear();
      span = 0;
      total = createHistogram();
      decodes = 0;
      promptTokens = 0;
      stages = 0;
      flyingIntegral = 0;
      flyingSince = now;
      for (const figures of Object.values(per)) figures.fill(0);
      since.fill(now);
      samples = [];
      lastSample = { at: now, decodes: 0, promptTokens: 0 };
    },
    leave(node, seconds) {
      per.prompts[node]! += 1;
      per.promptResidence[node]! += seconds;
    },
    arrive(node) {
      per.arrivals[node]! += 1;
    },
    touch,
    batch(node, seconds) {
      const size = batching.decodesInBatch[node]!;
      per.busy[node]! += seconds;
      per.batches[node]! += 1;
      if (size > 0) {
        per.decodeBatches[node]! += 1;
        per.batchedDecodes[node]! += size;
        per.seenByDecodes[node]! += size * size;
      }
    },
    prompt(tokens, seconds) {
      promptTokens += tokens;
      ttft.add(span, seconds);
    },
    decode(seconds) {
      decodes += 1;
      tpot.add(span, seconds);
    },
    finish(seconds, hops) {
      total.add(seconds);
      stages += hops;
    },
    preempt(node) {
      per.preemptions[node]! += 1;
    },
    inFlight(change, now) {
      flyingIntegral += flying * (now - flyingSince);
      flyingSince = now;
      flying += change;
    },
    sample(now, waitingOutside) {
      const seconds = now - lastSample.at;
      if (seconds <= 0) return;
      samples.push({
        atSeconds: now,
        decodeTokensPerSecond: (decodes - lastSample.decodes) / seconds,
        promptTokensPerSecond: (promptTokens - lastSample.promptTokens) / seconds,
        inFlight: flying,
        waitingOutside,
        waiting: Array.from(nodes.waiting),
        kvUse: Array.from(nodes.kvUsed, (used, node) =>
          nodes.kvCapacity[node]! > 0 ? used / nodes.kvCapacity[node]! : 0,
        ),
      });
      lastSample = { at: now, decodes, promptTokens };
      span = Math.floor(samples.length / SAMPLES_PER_SPAN);
    },
    close(now) {
      const seconds = now - start;
      for (let node = 0; node < count; node += 1) touch(node, now);
      flyingIntegral += flying * (now - flyingSince);
      const finished = total.summary();
      return {
        window: { startSeconds: start, endSeconds: now },
        decodeTokensPerSecond: seconds > 0 ? decodes / seconds : 0,
        promptTokensPerSecond: seconds > 0 ? promptTokens / seconds : 0,
        timeToFirstToken: ttft.summary(),
        timePerOutputToken: tpot.summary(),
        requestSeconds: finished,
        meanStages: finished.count > 0 ? stages / finished.count : 0,
        meanInFlight: seconds > 0 ? flyingIntegral / seconds : 0,
        nodes: Array.from({ length: count }, (_, node) => reportNode(node, seconds)).filter(
          (report) => nodes.layersHeld[report.node]! > 0,
        ),
        samples,
      };
    },
  };
}
