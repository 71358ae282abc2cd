/**
 * Requests under way, one slot each, in flat arrays that grow together. A request is in exactly one
 * place at a time (a queue, a batch, a link), so one `next` array threads every list.
 */
export interface Requests {
  /** Tokens of the prompt; after a preemption also those generated before it. */
  prompt: Int32Array;
  /** Tokens to generate, and those generated so far. */
  output: Int32Array;
  done: Int32Array;
  /** 1 while the prompt (or its recomputation) is under way, 0 in the decode phase. */
  inPrompt: Uint8Array;
  /** 1 when the prompt under way recomputes a preempted request. */
  recomputing: Uint8Array;
  /** Tokens in the KV cache before the iteration under way. */
  context: Int32Array;
  /** Router id; −1 while the request waits at the coordinator. */
  route: Int32Array;
  /** Hop under way: index into the route. */
  hop: Int32Array;
  /** Layer at which it entered its node, from the first held; prompt tokens done there. */
  entry: Int32Array;
  chunkDone: Int32Array;
  /** Tokens of this request in the batch that runs. */
  chunk: Int32Array;
  arrivedAt: Float64Array;
  /** When the iteration under way left for the first time. */
  issuedAt: Float64Array;
  /** When it left over the link it last took, and when it reached its node. */
  sentAt: Float64Array;
  reachedAt: Float64Array;
  /** When it comes off the link it is on. */
  dueAt: Float64Array;
  /** Order of arrival, and of asking for its next hop. */
  serial: Float64Array;
  turn: Float64Array;
  next: Int32Array;
}

export interface RequestTable {
  readonly of: Requests;
  /** A free slot; every field zero but `next`, `route` = −1. */
  take(): number;
  give(slot: number): void;
  /** Slots in use. */
  inUse(): number;
}

const FIRST_SIZE = 256;

export function createRequestTable(): RequestTable {
  let capacity = FIRST_SIZE;
  const of = allocate(capacity);
  let used = 0;
  let free = -1;
  let live = 0;

  function grow(): void {
    capacity *= 2;
    const larger = allocate(capacity);
    for (const key of Object.keys(of) as (keyof Requests)[]) larger[key].set(of[key]);
    Object.assign(of, larger);
  }

  return {
    of,
    take() {
      let slot = free;
      if (slot >= 0) {
        free = of.next[slot]!;
      } else {
        if (used === capacity) grow();
        slot = used;
        used += 1;
      }
      live += 1;
      of.done[slot] = 0;
      of.inPrompt[slot] = 1;
      of.recomputing[slot] = 0;
      of.context[slot] = 0;
      of.route[slot] = -1;
      of.hop[slot] = 0;
      of.next[slot] = -1;
      return slot;
    },
    give(slot) {
      of.next[slot] = free;
      free = slot;
      live -= 1;
    },
    inUse: () => live,
  };
}

function allocate(size: number): Requests {
  const ints = (): Int32Array => new Int32Array(size);
  const floats = (): Float64Array => new Float64Array(size);
  return {
    prompt: ints(),
    output: ints(),
    done: ints(),
    inPrompt: new Uint8Array(size),
    recomputing: new Uint8Array(size),
    context: ints(),
    route: ints(),
    hop: ints(),
    entry: ints(),
    chunkDone: ints(),
    chunk: ints(),
    arrivedAt: floats(),
    issuedAt: floats(),
    sentAt: floats(),
    reachedAt: floats(),
    dueAt: floats(),
    serial: floats(),
    turn: floats(),
    next: ints(),
  };
}
