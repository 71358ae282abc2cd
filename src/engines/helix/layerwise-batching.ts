import { HELIX } from "./helix.js";
import type { Batching, BatchingParts } from "../batching.js";
import { append, detach, splice } from "../queues.js";

/** Decode batches that may pass a waiting prompt on a node under decode-first batching. */
export const DEFAULT_DECODE_ROUNDS = 6;

type Kind = "any" | "decodes" | "prompts";

/**
 * Batching as in the Helix paper's simulator: a batch runs one layer; FIFO admission that skips what
 * does not fit; then the node moves on, cyclically, to its next layer with waiting requests.
 *
 * With `decodeRounds` prompts and decodes never share a batch: decodes go first, those nearest to
 * leaving the node before others, and after that many of their batches a waiting prompt gets one
 * layer. A layer is where a node can change its mind, so a decode never waits for a whole prompt.
 */
export function createLayerwiseBatching(
  { nodes, queues, requests, activationBytes }: BatchingParts,
  decodeRounds?: number,
): Batching {
  const { firstQueue, batch, layer, layersHeld, waiting } = nodes;
  const promptsInBatch = new Int32Array(nodes.count);
  const promptTokensInBatch = new Float64Array(nodes.count);
  const decodesInBatch = new Int32Array(nodes.count);
  const loadSeconds = activationBytes * HELIX.loadSecondsPerByte;
  /** Decode batches run in a row while a prompt waited. */
  const passed = new Int32Array(nodes.count);

  /** The next layer after the present one, cyclically, where requests wait. */
  function moveOn(node: number): void {
    if (waiting[node] === 0) return;
    const held = layersHeld[node]!;
    const first = firstQueue[node]!;
    const present = layer[node]!;
    for (let step = 1; step < held; step += 1) {
      const candidate = present + step < held ? present + step : present + step - held;
      if (queues.count[first + candidate]! > 0) {
        layer[node] = candidate;
        return;
      }
    }
  }

  function holds(list: number, kind: Kind): boolean {
    if (kind === "prompts") return queues.prompts[list]! > 0;
    return queues.count[list]! > (kind === "decodes" ? queues.prompts[list]! : 0);
  }

  /** The last layer of the node where such requests wait; −1 when there is none. */
  function deepest(node: number, kind: Kind): number {
    let candidate = layersHeld[node]! - 1;
    while (candidate >= 0 && !holds(firstQueue[node]! + candidate, kind)) candidate -= 1;
    return candidate;
  }

  /** Chooses the layer to run next and what may run on it. */
  function choose(node: number): Kind {
    if (decodeRounds === undefined) {
      if (queues.count[firstQueue[node]! + layer[node]!] === 0) moveOn(node);
      return "any";
    }
    const prompts = deepest(node, "prompts");
    const decodes = deepest(node, "decodes");
    const decodesRun = decodes >= 0 && (prompts < 0 || passed[node]! < decodeRounds);
    passed[node] = decodesRun && prompts >= 0 ? passed[node]! + 1 : 0;
    layer[node] = decodesRun ? decodes : prompts;
    return decodesRun ? "decodes" : "prompts";
  }

  /** Moves what fits from a queue to the batch. O(1) when all of it fits. */
  function admit(node: number, from: number, to: number, kind: Kind): void {
    const prompts = queues.prompts[from]!;
    const mixed = prompts > 0 && queues.count[from]! > prompts;
    if (
      (kind === "any" || !mixed) &&
      prompts <= nodes.maxPrompts[node]! &&
      queues.promptTokens[from]! <= nodes.maxPromptTokens[node]! &&
      queues.count[from]! - prompts <= nodes.maxDecodes[node]! &&
      queues.context[from]! <= nodes.maxContext[node]!
    ) {
      splice(queues, from, to, requests);
      return;
    }
    let previous = -1;
    let slot = queues.head[from]!;
    while (slot >= 0) {
      const following = requests.next[slot]!;
      const wanted = kind === "any" || (requests.inPrompt[slot] === 1) === (kind === "prompts");
      if (wanted && fits(node, to, slot)) {
        detach(queues, from, requests, previous, slot);
        append(queues, to, requests, slot);
      } else {
        previous = slot;
      }
      slot = following;
    }
  }

  /** Whether the batch has room. The first of its kind always has, or it would wait for ever. */
  function fits(node: number, list: number, slot: number): boolean {
    const prompts = queues.prompts[list]!;
    if (requests.inPrompt[slot] === 1) {
      if (prompts === 0) return true;
      if (prompts + 1 > nodes.maxPrompts[node]!) return false;
      return queues.promptTokens[list]! + requests.prompt[slot]! <= nodes.maxPromptTokens[node]!;
    }
    const decodes = queues.count[list]! - prompts;
    if (decodes === 0) return true;
    if (decodes + 1 > nodes.maxDecodes[node]!) return false;
    return queues.context[list]! + requests.context[slot]! <= nodes.maxContext[node]!;
  }

  return {
    promptsInBatch,
    promptTokensInBatch,
    decodesInBatch,
    enqueue(node, entry, slot) {
      append(queues, firstQueue[node]! + entry, requests, slot);
      waiting[node]! += 1;
    },
    start(node) {
      if (waiting[node] === 0) return -1;
      const kind = choose(node);
      const list = batch[node]!;
      admit(node, firstQueue[node]! + layer[node]!, list, kind);
      const size = queues.count[list]!;
      const prompts = queues.prompts[list]!;
      const tokens = queues.promptTokens[list]!;
      waiting[node]! -= size;
      promptsInBatch[node] = prompts;
      promptTokensInBatch[node] = tokens;
      decodesInBatch[node] = size - prompts;
      let seconds = nodes.promptTime[node]!(tokens) + nodes.decodeTime[node]!(size - prompts);
      if (layer[node] === 0) {
        seconds += nodes.unloaded[node]! * loadSeconds;
        nodes.unloaded[node] = 0;
      }
      return seconds;
    },
    book(node) {
      nodes.kvUsed[node]! += promptTokensInBatch[node]! + decodesInBatch[node]!;
    },
    end(node) {
      const list = batch[node]!;
      if (layer[node]! < layersHeld[node]! - 1) {
        waiting[node]! += queues.count[list]!;
        splice(queues, list, firstQueue[node]! + layer[node]! + 1, requests);
      }
      if (decodeRounds === undefined) moveOn(node);
    },
    written(node, slot, entry) {
      const tokens = requests.inPrompt[slot] === 1 ? requests.prompt[slot]! : 1;
      return (layer[node]! + 1 - entry) * tokens;
    },
    unblock: () => -1,
    queueLength: (node) => queues.count[firstQueue[node]!]!,
  };
}
