import { mostUnderWay, type ChainBatching } from "../../../engines/engine.js";
import type { ObservedBatch } from "../simulation-input.js";
import type { ChainSpec } from "./chain.js";
import type { ChainMetrics } from "./chain-metrics.js";
import {
  createChainScheduler,
  type ChainBatch,
  type ChainFeed,
  type ChainRequest,
} from "./chain-scheduler.js";

/** How a run ended. */
export interface ChainCounts {
  readonly arrived: number;
  readonly finished: number;
  readonly rejected: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly preemptions: number;
  readonly batches: number;
  readonly endSeconds: number;
}

/** When a run is looked at, and until when it goes; `Infinity`: until all requests are served. */
export interface ChainClock {
  readonly sampleTimes: readonly number[];
  readonly untilSeconds: number;
  readonly onBatch?: (batch: ObservedBatch) => void;
  /** Told of the time simulated. */
  readonly tell?: (now: number) => void;
}

/**
 * Runs one chain from 0: whenever fewer batches are under way than the engine allows, its scheduler
 * forms the next one, which passes all stages unchanged; a stage runs one batch at a time.
 * O(tokens made + batches · stages).
 */
export function runChain(
  spec: ChainSpec,
  rules: ChainBatching,
  feed: ChainFeed,
  metrics: ChainMetrics,
  clock: ChainClock,
): ChainCounts {
  const { stages, roundTripSeconds } = spec;
  const mostBatches = rules.inFlight === "one" ? 1 : stages.length;
  const limits = {
    ...spec,
    mostRequests: Math.min(mostUnderWay(rules, stages.length), spec.slots?.count ?? Infinity),
    slotTokens: spec.slots?.tokens,
  };
  const scheduler = createChainScheduler(rules.batchTokens, limits, feed);
  if (feed.resident !== undefined) scheduler.fill(feed.resident, mostBatches);
  const stageFree = new Float64Array(stages.length);
  /** The link to each stage, and at last the one back: one transfer at a time. */
  const linkFree = new Float64Array(stages.length + 1);
  const underWay: { readonly batch: ChainBatch; readonly doneAt: number }[] = [];
  let batches = 0;
  let preemptions = 0;
  let sampled = 0;
  let now = 0;

  /** Sends a batch through the stages; returns when its tokens are back at the scheduler. */
  function send({ decodes, prompts, promptTokens }: ChainBatch): number {
    const tokens = promptTokens + decodes.length;
    const size = { prompts: prompts.length, promptTokens, decodes: decodes.length };
    const transfer = (link: number, from: number, secondsPerToken: number): number =>
      (linkFree[link] = Math.max(from, linkFree[link]!) + tokens * secondsPerToken);
    let at = transfer(0, now, spec.entrySecondsPerToken);
    stages.forEach((stage, index) => {
      const start = Math.max(at, stageFree[index]!);
      const seconds =
        stage.layers * stage.layerSeconds(promptTokens, decodes.length) + stage.stepSeconds;
      stageFree[index] = start + seconds;
      metrics.batch(index, { start, seconds }, size);
      const { node, interval } = stage;
      clock.onBatch?.({
        node,
        layers: interval,
        startSeconds: start,
        endSeconds: start + seconds,
        ...size,
      });
      at = transfer(index + 1, start + seconds, stage.secondsPerToken) + stage.latencySeconds;
    });
    return at;
  }

  /** A token has come out of the last stage: the prompt's own, or a decoded one. */
  function emit(request: ChainRequest): void {
    const sinceArrival = now + roundTripSeconds - request.arrivedAt;
    if (request.lastTokenAt < 0) {
      metrics.firstToken(now, sinceArrival);
    } else {
      request.decoded += 1;
      metrics.decode(now, now - request.lastTokenAt);
    }
    request.lastTokenAt = now;
    if (request.decoded < request.wanted) return;
    scheduler.finish(request);
    metrics.finish(now, sinceArrival);
  }

  function complete({ decodes, prompts }: ChainBatch): void {
    for (const request of decodes) {
      request.busy = false;
      emit(request);
    }
    for (const { request, tokens } of prompts) {
      request.busy = false;
      request.computed += tokens;
      const anew = Math.min(request.computed, request.promptTokens) - request.promptDone;
      if (anew > 0) {
        request.promptDone += anew;
        metrics.prompt(now, anew);
      }
      if (request.computed === request.toCompute) emit(request);
    }
  }

  function look(until: number): void {
    const { sampleTimes } = clock;
    for (; sampled < sampleTimes.length && sampleTimes[sampled]! <= until; sampled += 1) {
      const waiting = scheduler.waiting(sampleTimes[sampled]!);
      metrics.sample(sampled, scheduler.requests(), waiting, scheduler.kvUse());
    }
    metrics.hold(until, scheduler.requests(), scheduler.kvUse());
  }

  for (;;) {
    while (underWay.length < mostBatches) {
      const batch = scheduler.form(now, underWay.length === 0);
      for (; preemptions < scheduler.counts.preemptions; preemptions += 1) metrics.preempt(now);
      if (batch === undefined) break;
      batches += 1;
      underWay.push({ batch, doneAt: send(batch) });
    }
    const doneAt = underWay[0]?.doneAt ?? Infinity;
    // A batch that ends, or, where one more may go, a request that comes.
    const next = Math.min(doneAt, underWay.length < mostBatches ? feed.nextAfter(now) : Infinity);
    if (next === Infinity || next > clock.untilSeconds) break;
    look(next);
    clock.tell?.(next);
    now = next;
    if (doneAt <= now) complete(underWay.shift()!.batch);
  }
  const endSeconds = Number.isFinite(clock.untilSeconds) ? clock.untilSeconds : now;
  look(endSeconds);
  const waiting = scheduler.waiting(endSeconds);
  const { arrived, ...counts } = scheduler.counts;
  return {
    ...counts,
    arrived: arrived + feed.backlog(endSeconds),
    inFlight: scheduler.requests(),
    waiting,
    batches,
    endSeconds,
  };
}
