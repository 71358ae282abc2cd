import type { Resident } from "../residents.js";
import type { Arrival } from "../traffic.js";

/** A request under way in a chain. */
export interface ChainRequest {
  /** Tokens to compute before the next token comes out: the prompt, or all so far after a preemption. */
  toCompute: number;
  computed: number;
  /** Tokens of the prompt that have been computed at least once. */
  promptDone: number;
  /** Tokens decoded, and wanted. */
  decoded: number;
  readonly wanted: number;
  readonly promptTokens: number;
  arrivedAt: number;
  /** When its last token came out; −1 before the first. */
  lastTokenAt: number;
  /** In a batch under way. */
  busy: boolean;
  /** Tokens of KV that it holds, those of the batch under way included. */
  kv: number;
  /** Batches that are formed before the first one it may be in. */
  readonly behind: number;
}

/** What goes through the stages together. */
export interface ChainBatch {
  readonly decodes: readonly ChainRequest[];
  readonly prompts: readonly { readonly request: ChainRequest; readonly tokens: number }[];
  readonly promptTokens: number;
}

/** Where a chain's requests come from. */
export interface ChainFeed {
  /** The next request that has arrived by `now`; undefined when none is waiting. */
  take(now: number): Arrival | undefined;
  /** When the first one after `now` comes; `Infinity` when none will. */
  nextAfter(now: number): number;
  /** Requests that have arrived by `now` and were not taken. */
  backlog(now: number): number;
  /** Requests come just when there is room for them: their time starts when they are admitted. */
  readonly endless: boolean;
  /** Draws one of those under way when the run begins; without it the run begins with nothing. */
  readonly resident?: () => Resident;
}

/** Decides which requests are in the next batch, and who holds KV. */
export interface ChainScheduler {
  /** Lets residents in until no more find room, for so many batches in turn. */
  fill(draw: () => Resident, batches: number): void;
  /**
   * The next batch: all decodes that are not in one, then prompts in chunks up to the token budget, as
   * KV allows. Undefined when nothing can run.
   * @param alone no other batch is under way, so nothing will free KV by itself.
   */
  form(now: number, alone: boolean): ChainBatch | undefined;
  /** A request has all its tokens. */
  finish(request: ChainRequest): void;
  requests(): number;
  waiting(now: number): number;
  /** Share of the KV in use; 0 where it is not limited. */
  kvUse(): number;
  readonly counts: { arrived: number; finished: number; rejected: number; preemptions: number };
}

/** Requests turned away in a row: an endless feed that has none short enough ends here. */
const MOST_TURNED_AWAY = 1000;
/** Residents drawn at most. */
const MOST_RESIDENTS = 100_000;

/** What a chain's scheduler has to hand out. */
export interface ChainLimits {
  /** `Infinity` where no machine says. */
  readonly kvTokens: number;
  /** Most decodes in a batch. */
  readonly mostDecodes: number;
  /** Most requests under way. */
  readonly mostRequests: number;
  /** Where every request has its own part of the KV: tokens of it, at which an answer ends. */
  readonly slotTokens: number | undefined;
}

/** @param batchTokens of one step: decodes count one each, prompts fill the rest in chunks. */
export function createChainScheduler(
  batchTokens: number,
  limits: ChainLimits,
  feed: ChainFeed,
): ChainScheduler {
  const { kvTokens } = limits;
  /** Admitted, by arrival; they hold KV. */
  const running: ChainRequest[] = [];
  /** To be admitted before anything new: those that lost their KV, and the next in line. */
  const first: ChainRequest[] = [];
  const counts = { arrived: 0, finished: 0, rejected: 0, preemptions: 0 };
  let kvUsed = 0;
  let formed = 0;

  function book(request: ChainRequest, tokens: number): void {
    kvUsed += tokens;
    request.kv += tokens;
  }

  /** The request that came last, of those in no batch, loses its KV and is computed again later. */
  function preempt(): ChainRequest | undefined {
    const at = running.findLastIndex((request) => !request.busy);
    if (at < 0) return undefined;
    const [request] = running.splice(at, 1);
    kvUsed -= request!.kv;
    request!.kv = 0;
    request!.toCompute = request!.promptTokens + request!.decoded;
    request!.computed = 0;
    counts.preemptions += 1;
    first.unshift(request!);
    return request;
  }

  /** The next request to admit. Those that the chain could not hold alone are turned away. */
  function nextInLine(now: number): ChainRequest | undefined {
    const before = first.shift();
    if (before !== undefined) return before;
    for (let tries = 0; tries < MOST_TURNED_AWAY; tries += 1) {
      const arrival = feed.take(now);
      if (arrival === undefined) return undefined;
      counts.arrived += 1;
      const cut = cutToSlot(arrival, limits.slotTokens);
      if (cut !== undefined && cut.promptTokens + cut.outputTokens <= kvTokens) return open(cut);
      counts.rejected += 1;
    }
    return undefined;
  }

  /** Decodes join as long as each finds room for its token, made by preemption where it must be. */
  function takeDecodes(): ChainRequest[] {
    const decodes: ChainRequest[] = [];
    const most = Math.min(batchTokens, limits.mostDecodes);
    for (let at = 0; at < running.length && decodes.length < most; at += 1) {
      const request = running[at]!;
      if (request.busy || request.computed < request.toCompute || request.behind > formed) continue;
      let victim: ChainRequest | undefined;
      while (kvUsed + 1 > kvTokens && victim !== request) {
        victim = preempt();
        if (victim === undefined) return decodes;
      }
      if (victim === request) break;
      book(request, 1);
      request.busy = true;
      decodes.push(request);
    }
    return decodes;
  }

  /** @param admits whether requests may come in that hold no KV yet. */
  function takePrompts(now: number, budget: number, admits: boolean): ChainBatch["prompts"] {
    const prompts: { request: ChainRequest; tokens: number }[] = [];
    let left = budget;
    const take = (request: ChainRequest): boolean => {
      const tokens = Math.min(left, request.toCompute - request.computed);
      if (kvUsed + tokens > kvTokens) return false;
      book(request, tokens);
      request.busy = true;
      prompts.push({ request, tokens });
      left -= tokens;
      return true;
    };
    for (const request of running) {
      if (left <= 0) return prompts;
      if (!request.busy && request.computed < request.toCompute && !take(request)) return prompts;
    }
    if (!admits) return prompts;
    for (let room = limits.mostRequests - running.length; room > 0; room -= 1) {
      const request = left > 0 ? nextInLine(now) : undefined;
      if (request === undefined) break;
      if (!take(request)) {
        first.unshift(request);
        break;
      }
      if (feed.endless && request.lastTokenAt < 0) request.arrivedAt = now;
      running.push(request);
    }
    return prompts;
  }

  return {
    fill(draw, batches) {
      if (kvTokens === Infinity && limits.mostRequests === Infinity) return;
      for (
        let tries = 0;
        running.length < limits.mostRequests && tries < MOST_RESIDENTS;
        tries += 1
      ) {
        const resident = draw();
        const cut = cutToSlot({ ...resident, atSeconds: 0 }, limits.slotTokens);
        if (cut === undefined || cut.outputTokens <= resident.decoded) continue;
        if (cut.promptTokens + cut.outputTokens > kvTokens) continue;
        const held = cut.promptTokens + resident.decoded;
        if (kvUsed + held > kvTokens) return;
        const request = resume(cut, resident.decoded, running.length % batches);
        book(request, held);
        running.push(request);
        counts.arrived += 1;
      }
    },
    form(now, alone) {
      const preemptedBefore = counts.preemptions;
      const decodes = takeDecodes();
      // Who lost its KV just now does not take it back in the same step.
      const admits = counts.preemptions === preemptedBefore;
      let prompts = takePrompts(now, batchTokens - decodes.length, admits);
      if (alone && decodes.length + prompts.length === 0 && running.length > 1) {
        // Half-computed prompts hold all KV between them: the last one gives way.
        preempt();
        prompts = takePrompts(now, batchTokens, false);
      }
      if (decodes.length + prompts.length === 0) return undefined;
      const promptTokens = prompts.reduce((sum, { tokens }) => sum + tokens, 0);
      formed += 1;
      return { decodes, prompts, promptTokens };
    },
    finish(request) {
      kvUsed -= request.kv;
      running.splice(running.indexOf(request), 1);
      counts.finished += 1;
    },
    requests: () => running.length,
    waiting: (now) => first.length + feed.backlog(now),
    kvUse: () => (kvTokens === Infinity ? 0 : kvUsed / kvTokens),
    counts,
  };
}

/** An answer ends where its slot does; a prompt that fills one is turned away. */
function cutToSlot(arrival: Arrival, slotTokens = Infinity): Arrival | undefined {
  const room = slotTokens - arrival.promptTokens;
  if (room <= 0) return undefined;
  return arrival.outputTokens <= room ? arrival : { ...arrival, outputTokens: room };
}

function open({ promptTokens, outputTokens, atSeconds }: Arrival): ChainRequest {
  return {
    toCompute: promptTokens,
    computed: 0,
    promptDone: 0,
    decoded: 0,
    wanted: outputTokens,
    promptTokens,
    arrivedAt: atSeconds,
    lastTokenAt: -1,
    busy: false,
    kv: 0,
    behind: 0,
  };
}

/** One that has its prompt, and some of its tokens, before the run begins. */
function resume(arrival: Arrival, decoded: number, behind: number): ChainRequest {
  const { promptTokens } = arrival;
  return {
    ...open(arrival),
    computed: promptTokens,
    promptDone: promptTokens,
    decoded,
    lastTokenAt: 0,
    behind,
  };
}
