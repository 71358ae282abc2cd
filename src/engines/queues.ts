import type { Requests } from "./requests.js";

const NONE = -1;

/**
 * FIFO lists of requests, threaded through `Requests.next`, with running totals. List i is empty
 * when head[i] = −1.
 */
export interface Queues {
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** Requests in the list. */
  readonly count: Int32Array;
  readonly prompts: Int32Array;
  readonly promptTokens: Float64Array;
  /** Σ context of the decodes in the list. */
  readonly context: Float64Array;
}

export function createQueues(lists: number): Queues {
  return {
    head: new Int32Array(lists).fill(NONE),
    tail: new Int32Array(lists).fill(NONE),
    count: new Int32Array(lists),
    prompts: new Int32Array(lists),
    promptTokens: new Float64Array(lists),
    context: new Float64Array(lists),
  };
}

/** Puts one request at the end of a list. O(1). */
export function append(queues: Queues, list: number, requests: Requests, slot: number): void {
  requests.next[slot] = NONE;
  const last = queues.tail[list]!;
  if (last === NONE) queues.head[list] = slot;
  else requests.next[last] = slot;
  queues.tail[list] = slot;
  queues.count[list]! += 1;
  if (requests.inPrompt[slot] === 1) {
    queues.prompts[list]! += 1;
    queues.promptTokens[list]! += requests.prompt[slot]!;
  } else {
    queues.context[list]! += requests.context[slot]!;
  }
}

/** Puts one request before all others of a list. O(1). */
export function prepend(queues: Queues, list: number, requests: Requests, slot: number): void {
  const behind = queues.head[list]!;
  const last = queues.tail[list]!;
  append(queues, list, requests, slot);
  if (behind === NONE) return;
  requests.next[slot] = behind;
  requests.next[last] = NONE;
  queues.head[list] = slot;
  queues.tail[list] = last;
}

/** Moves a whole list to the end of another. O(1). */
export function splice(queues: Queues, from: number, to: number, requests: Requests): void {
  if (queues.head[from] === NONE) return;
  const last = queues.tail[to]!;
  if (last === NONE) queues.head[to] = queues.head[from]!;
  else requests.next[last] = queues.head[from]!;
  queues.tail[to] = queues.tail[from]!;
  queues.count[to]! += queues.count[from]!;
  queues.prompts[to]! += queues.prompts[from]!;
  queues.promptTokens[to]! += queues.promptTokens[from]!;
  queues.context[to]! += queues.context[from]!;
  clear(queues, from);
}

/** Takes the first request off a list; −1 when it is empty. O(1). */
export function shift(queues: Queues, list: number, requests: Requests): number {
  const slot = queues.head[list]!;
  if (slot !== NONE) detach(queues, list, requests, NONE, slot);
  return slot;
}

/** Takes the request that arrived last out of a list; −1 when it is empty. O(its length). */
export function takeYoungest(queues: Queues, list: number, requests: Requests): number {
  let youngest = NONE;
  let beforeYoungest = NONE;
  let previous = NONE;
  for (let slot = queues.head[list]!; slot !== NONE; slot = requests.next[slot]!) {
    if (youngest === NONE || requests.serial[slot]! > requests.serial[youngest]!) {
      youngest = slot;
      beforeYoungest = previous;
    }
    previous = slot;
  }
  if (youngest !== NONE) detach(queues, list, requests, beforeYoungest, youngest);
  return youngest;
}

/** Takes `slot` out of a list, given the request before it (−1 for the first). O(1). */
export function detach(
  queues: Queues,
  list: number,
  requests: Requests,
  previous: number,
  slot: number,
): void {
  const following = requests.next[slot]!;
  if (previous === NONE) queues.head[list] = following;
  else requests.next[previous] = following;
  if (following === NONE) queues.tail[list] = previous;
  queues.count[list]! -= 1;
  if (requests.inPrompt[slot] === 1) {
    queues.prompts[list]! -= 1;
    queues.promptTokens[list]! -= requests.prompt[slot]!;
  } else {
    queues.context[list]! -= requests.context[slot]!;
  }
}

function clear(queues: Queues, list: number): void {
  queues.head[list] = NONE;
  queues.tail[list] = NONE;
  queues.count[list] = 0;
  queues.prompts[list] = 0;
  queues.promptTokens[list] = 0;
  queues.context[list] = 0;
}
