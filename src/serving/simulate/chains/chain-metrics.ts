import { createHistogram } from "../histogram.js";
import { SAMPLES_PER_SPAN } from "../confidence.js";
import { createSpannedHistogram } from "../spanned-histogram.js";
import type { NodeReport, SamplePoint, SimulationMetrics } from "../result.js";

/** What a chain tells of its run; only what falls into the window counts. */
export interface ChainMetrics {
  /** A batch on a stage, from `start` on. */
  batch(
    stage: number,
    span: { readonly start: number; readonly seconds: number },
    size: { readonly prompts: number; readonly promptTokens: number; readonly decodes: number },
  ): void;
  /** So many tokens of a prompt have been computed for the first time. */
  prompt(now: number, tokens: number): void;
  firstToken(now: number, seconds: number): void;
  decode(now: number, seconds: number): void;
  finish(now: number, seconds: number): void;
  preempt(now: number): void;
  /** Until now so many requests were under way and so much KV, as a share, was used. */
  hold(now: number, requests: number, kvUse: number): void;
  /** The state at a moment that is written down. */
  sample(index: number, requests: number, waiting: number, kvUse: number): void;
}

/** Collects what the chains of a placement tell, one after another. */
export interface ChainCollector {
  forChain(nodes: readonly number[]): ChainMetrics;
  /** Moments at which chains are to tell their state, ascending. */
  readonly sampleTimes: readonly number[];
  close(endSeconds: number): SimulationMetrics;
}

export function createChainCollector(
  startSeconds: number,
  durationSeconds: number,
  sampleCount: number,
): ChainCollector {
  const end = startSeconds + durationSeconds;
  const step = durationSeconds / sampleCount;
  const finite = Number.isFinite(durationSeconds);
  const slots = finite ? sampleCount : 0;
  const perSample = (): Float64Array => new Float64Array(slots);
  const [decodes, prompts, flying, outside] = [perSample(), perSample(), perSample(), perSample()];
  const kvAt = Array.from({ length: slots }, () => new Map<number, number>());
  const ttft = createSpannedHistogram();
  const tpot = createSpannedHistogram();
  const total = createHistogram();
  let decoded = 0;
  let promptTokens = 0;
  let stages = 0;
  let flyingSeconds = 0;
  const reports: StageReport[] = [];
  const inside = (now: number): boolean => now >= startSeconds && now < end;
  const slotOf = (now: number): number =>
    finite ? Math.min(slots - 1, Math.floor((now - startSeconds) / step)) : 0;
  const spanOf = (slot: number): number => Math.floor(slot / SAMPLES_PER_SPAN);

  function forChain(nodes: readonly number[]): ChainMetrics {
    const totals = nodes.map(() => createNodeTotals());
    const held = { kvSeconds: 0, kvPeak: 0 };
    let since = 0;
    nodes.forEach((node, stage) => reports.push({ node, totals: totals[stage]!, held }));
    return {
      batch(stage, { start, seconds }, size) {
        const overlap = Math.min(end, start + seconds) - Math.max(startSeconds, start);
        if (overlap <= 0) return;
        const mine = totals[stage]!;
        mine.busySeconds += overlap;
        mine.batches += 1;
        if (size.decodes > 0) {
          mine.decodeBatches += 1;
          mine.batchedDecodes += size.decodes;
          mine.seenByDecodes += size.decodes ** 2;
        }
        if (size.prompts > 0) {
          mine.prompts += size.prompts;
          mine.promptSeconds += size.prompts * seconds;
        }
      },
      prompt(now, tokens) {
        if (!inside(now)) return;
        promptTokens += tokens;
        if (finite) prompts[slotOf(now)]! += tokens;
      },
      firstToken(now, seconds) {
        if (inside(now)) ttft.add(spanOf(slotOf(now)), seconds);
      },
      decode(now, seconds) {
        if (!inside(now)) return;
        decoded += 1;
        const slot = slotOf(now);
        if (finite) decodes[slot]! += 1;
        tpot.add(spanOf(slot), seconds);
      },
      finish(now, seconds) {
        if (!inside(now)) return;
        total.add(seconds);
        stages += nodes.length;
      },
      preempt(now) {
        if (inside(now)) totals[0]!.preemptions += 1;
      },
      hold(now, requests, kvUse) {
        const seconds = Math.min(now, end) - Math.max(since, startSeconds);
        since = now;
        if (seconds <= 0) return;
        flyingSeconds += requests * seconds;
        held.kvSeconds += kvUse * seconds;
        held.kvPeak = Math.max(held.kvPeak, kvUse);
      },
      sample(index, requests, waiting, kvUse) {
        flying[index]! += requests;
        outside[index]! += waiting;
        for (const node of nodes) kvAt[index]!.set(node, kvUse);
      },
    };
  }

  function close(endSeconds: number): SimulationMetrics {
    const seconds = Math.min(end, endSeconds) - startSeconds;
    const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
    const finished = total.summary();
    const nodes = reports
      .toSorted((a, b) => a.node - b.node)
      .map(({ node, totals: one, held }): NodeReport => ({
        node,
        busy: share(one.busySeconds, seconds),
        batches: one.batches,
        meanDecodeBatch: share(one.batchedDecodes, one.decodeBatches),
        decodeBatchSeen: share(one.seenByDecodes, one.batchedDecodes),
        meanWaiting: 0,
        meanWaitSeconds: 0,
        promptResidenceSeconds: share(one.promptSeconds, one.prompts),
        kvUse: share(held.kvSeconds, seconds),
        kvPeak: held.kvPeak,
        preemptions: one.preemptions,
      }));
    const count = 1 + reports.reduce((most, { node }) => Math.max(most, node), -1);
    const samples = Array.from({ length: slots }, (_, index): SamplePoint => ({
      atSeconds: startSeconds + (index + 1) * step,
      decodeTokensPerSecond: decodes[index]! / step,
      promptTokensPerSecond: prompts[index]! / step,
      inFlight: flying[index]!,
      waitingOutside: outside[index]!,
      waiting: Array.from({ length: count }, () => 0),
      kvUse: Array.from({ length: count }, (_unused, node) => kvAt[index]!.get(node) ?? 0),
    }));
    return {
      window: { startSeconds, endSeconds: startSeconds + seconds },
      decodeTokensPerSecond: share(decoded, seconds),
      promptTokensPerSecond: share(promptTokens, seconds),
      timeToFirstToken: ttft.summary(),
      timePerOutputToken: tpot.summary(),
      requestSeconds: finished,
      meanStages: share(stages, finished.count),
      meanInFlight: share(flyingSeconds, seconds),
      nodes,
      samples,
    };
  }

  const sampleTimes = Array.from(
    { length: slots },
    (_, index) => startSeconds + (index + 1) * step,
  );
  return { forChain, sampleTimes, close };
}

/** Preemptions are counted on a chain's first stage. */
interface StageReport {
  readonly node: number;
  readonly totals: NodeTotals;
  /** Of the whole chain. */
  readonly held: { kvSeconds: number; kvPeak: number };
}

interface NodeTotals {
  busySeconds: number;
  batches: number;
  decodeBatches: number;
  batchedDecodes: number;
  seenByDecodes: number;
  prompts: number;
  promptSeconds: number;
  preemptions: number;
}

function createNodeTotals(): NodeTotals {
  return {
    busySeconds: 0,
    batches: 0,
    decodeBatches: 0,
    batchedDecodes: 0,
    seenByDecodes: 0,
    prompts: 0,
    promptSeconds: 0,
    preemptions: 0,
  };
}
