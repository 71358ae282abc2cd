import { HELIX } from "./helix.js";
import type { Batching, BatchingParts } from "../batching.js";
import { append, detach } from "../queues.js";

/** Tokens of one batch (vLLM's max_num_batched_tokens). */
export const DEFAULT_BATCH_TOKENS = 2048;

/**
 * Continuous batching with chunked prompts, as serving engines do it today: a batch runs all layers
 * of the node; every waiting decode joins it, prompts fill what is left of the token budget, a long
 * one in chunks. A prompt waits while its chunk does not fit in the KV cache.
 */
export function createContinuousBatching({
  nodes,
  queues,
  requests,
  activationBytes,
  batchTokens = DEFAULT_BATCH_TOKENS,
}: BatchingParts): Batching {
  const { firstQueue, batch, layersHeld, waiting, kvUsed, kvCapacity } = nodes;
  const promptsInBatch = new Int32Array(nodes.count);
  const promptTokensInBatch = new Float64Array(nodes.count);
  const decodesInBatch = new Int32Array(nodes.count);
  const tokenLayers = new Float64Array(nodes.count);
  const loadSeconds = activationBytes * HELIX.loadSecondsPerByte;
  const most = layersHeld.reduce((a, b) => Math.max(a, b), 1);
  const promptsEntering = new Float64Array(most);
  const decodesEntering = new Int32Array(most);

  /** Takes decodes, or prompt chunks, from the queue of one entry layer; returns the budget left. */
  function take(node: number, entry: number, prompts: boolean, budget: number): number {
    const from = firstQueue[node]! + entry;
    const layers = layersHeld[node]! - entry;
    let previous = -1;
    let left = budget;
    for (let slot = queues.head[from]!; slot >= 0 && left > 0;) {
      const following = requests.next[slot]!;
      const isPrompt = requests.inPrompt[slot] === 1;
      const wanted = isPrompt ? requests.prompt[slot]! - requests.chunkDone[slot]! : 1;
      const chunk = Math.min(wanted, left);
      const crowded =
        isPrompt && kvUsed[node]! + tokenLayers[node]! + chunk * layers > kvCapacity[node]!;
      if (crowded && prompts) return left;
      if (isPrompt === prompts && !crowded && decodesInBatch[node]! < nodes.maxDecodes[node]!) {
        detach(queues, from, requests, previous, slot);
        append(queues, batch[node]!, requests, slot);
        requests.chunk[slot] = chunk;
        left -= chunk;
        tokenLayers[node]! += chunk * layers;
        if (isPrompt) {
          promptsInBatch[node]! += 1;
          promptTokensInBatch[node]! += chunk;
          promptsEntering[entry]! += chunk;
        } else {
          decodesInBatch[node]! += 1;
          decodesEntering[entry]! += 1;
        }
      } else {
        previous = slot;
      }
      slot = following;
    }
    return left;
  }

  function batchSeconds(node: number): number {
    let tokens = 0;
    let decodes = 0;
    let seconds = 0;
    for (let layer = 0; layer < layersHeld[node]!; layer += 1) {
      tokens += promptsEntering[layer]!;
      decodes += decodesEntering[layer]!;
      seconds += nodes.promptTime[node]!(tokens) + nodes.decodeTime[node]!(decodes);
    }
    seconds += nodes.unloaded[node]! * loadSeconds;
    nodes.unloaded[node] = 0;
    return seconds;
  }

  return {
    promptsInBatch,
    promptTokensInBatch,
    decodesInBatch,
    enqueue(node, entry, slot) {
      requests.chunkDone[slot] = 0;
      append(queues, firstQueue[node]! + entry, requests, slot);
      waiting[node]! += 1;
    },
    start(node) {
      if (waiting[node] === 0) return -1;
      promptsInBatch[node] = 0;
      promptTokensInBatch[node] = 0;
      decodesInBatch[node] = 0;
      tokenLayers[node] = 0;
      promptsEntering.fill(0);
      decodesEntering.fill(0);
      const held = layersHeld[node]!;
      let budget = batchTokens;
      for (let entry = 0; entry < held; entry += 1) budget = take(node, entry, false, budget);
      for (let entry = 0; entry < held; entry += 1) budget = take(node, entry, true, budget);
      const size = queues.count[batch[node]!]!;
      if (size === 0) return -1;
      waiting[node]! -= size;
      return batchSeconds(node);
    },
    book(node) {
      kvUsed[node]! += tokenLayers[node]!;
      for (let slot = queues.head[batch[node]!]!; slot >= 0; slot = requests.next[slot]!) {
        requests.chunkDone[slot]! += requests.chunk[slot]!;
      }
    },
    /** Prompts with chunks to go return to the front of their queue. */
    end(node) {
      const list = batch[node]!;
      let previous = -1;
      for (let slot = queues.head[list]!; slot >= 0;) {
        const following = requests.next[slot]!;
        if (requests.inPrompt[slot] === 1 && requests.chunkDone[slot]! < requests.prompt[slot]!) {
          detach(queues, list, requests, previous, slot);
          const queue = firstQueue[node]! + requests.entry[slot]!;
          const behind = queues.head[queue]!;
          append(queues, queue, requests, slot);
          if (behind >= 0) rotate(queue, slot);
          waiting[node]! += 1;
        } else {
          previous = slot;
        }
        slot = following;
      }
    },
    written: (node, slot, entry) =>
      (layersHeld[node]! - entry) * (requests.inPrompt[slot] === 1 ? requests.chunkDone[slot]! : 1),
    unblock(node) {
      let found = -1;
      let holders = 0;
      for (let entry = 0; entry < layersHeld[node]!; entry += 1) {
        for (let slot = queues.head[firstQueue[node]! + entry]!; slot >= 0;) {
          if (requests.chunkDone[slot]! > 0) {
            holders += 1;
            if (found < 0 || requests.serial[slot]! > requests.serial[found]!) found = slot;
          }
          slot = requests.next[slot]!;
        }
      }
      if (holders < 2) return -1;
      const queue = firstQueue[node]! + requests.entry[found]!;
      let previous = -1;
      for (let slot = queues.head[queue]!; slot !== found; slot = requests.next[slot]!)
        previous = slot;
      detach(queues, queue, requests, previous, found);
      waiting[node]! -= 1;
      return found;
    },
    queueLength: (node) => waiting[node]!,
  };

  /** Moves the last request of a list to its front. O(list). */
  function rotate(list: number, slot: number): void {
    let before = queues.head[list]!;
    while (requests.next[before] !== slot) before = requests.next[before]!;
    requests.next[before] = -1;
    queues.tail[list] = before;
    requests.next[slot] = queues.head[list]!;
    queues.head[list] = slot;
  }
}
