import type { Placement } from "../../core/placement.js";
import { MEETING_VALUES, type Incumbent } from "../problem/strategy.js";
import type { Blackboard } from "./blackboard.js";

/** A blackboard in memory that threads share. */
export interface SharedBlackboard extends Blackboard {
  readonly buffer: SharedArrayBuffer;
}

const STOP = 0;
const LOCK = 1;
const HEADER_INTS = 4;
const HEADER_BYTES = HEADER_INTS * Int32Array.BYTES_PER_ELEMENT;
const THROUGHPUT = 0;
const BOUND = 1;
const VALUES = 2;
/** Behind the values, what either of two runs told: how many numbers, and these. */
const TOLD = 1 + MEETING_VALUES;
const EMPTY = -1;

/** Shared memory for one search over `nodeCount` nodes. */
export function allocateBlackboard(nodeCount: number): SharedBlackboard {
  const values = (VALUES + 2 * TOLD) * Float64Array.BYTES_PER_ELEMENT;
  const intervals = 2 * nodeCount * Int32Array.BYTES_PER_ELEMENT;
  const buffer = new SharedArrayBuffer(HEADER_BYTES + values + intervals);
  new Float64Array(buffer, HEADER_BYTES, VALUES)[BOUND] = Infinity;
  return openBlackboard(buffer);
}

/** The blackboard in memory that another thread allocated. */
export function openBlackboard(buffer: SharedArrayBuffer): SharedBlackboard {
  const header = new Int32Array(buffer, 0, HEADER_INTS);
  const values = new Float64Array(buffer, HEADER_BYTES, VALUES);
  const notes = [0, 1].map((run) => {
    const first = HEADER_BYTES + (VALUES + run * TOLD) * Float64Array.BYTES_PER_ELEMENT;
    return new Float64Array(buffer, first, TOLD);
  });
  const intervals = HEADER_BYTES + (VALUES + 2 * TOLD) * Float64Array.BYTES_PER_ELEMENT;
  const bounds = new Int32Array(buffer, intervals);
  const locked = <T>(action: () => T): T => {
    while (Atomics.compareExchange(header, LOCK, 0, 1) !== 0) Atomics.wait(header, LOCK, 1, 1);
    try {
      return action();
    } finally {
      Atomics.store(header, LOCK, 0);
      Atomics.notify(header, LOCK, 1);
    }
  };
  let seen: Incumbent | undefined;
  return {
    buffer,
    stopped: () => Atomics.load(header, STOP) !== 0,
    stop: () => {
      Atomics.store(header, STOP, 1);
    },
    incumbent: () =>
      locked(() => {
        const throughput = values[THROUGHPUT]!;
        if (throughput <= 0) return undefined;
        if (seen?.throughput !== throughput) {
          seen = { placement: readPlacement(bounds), throughput };
        }
        return seen;
      }),
    upperBound: () => locked(() => values[BOUND]!),
    post: (placement, throughput) =>
      locked(() => {
        if (throughput <= values[THROUGHPUT]!) return false;
        values[THROUGHPUT] = throughput;
        placement.forEach((interval, node) => {
          bounds[2 * node] = interval?.[0] ?? EMPTY;
          bounds[2 * node + 1] = interval?.[1] ?? EMPTY;
        });
        return true;
      }),
    postBound: (value) =>
      locked(() => {
        if (value >= values[BOUND]!) return false;
        values[BOUND] = value;
        return true;
      }),
    meeting: {
      tell: (isSecond, told) =>
        locked(() => {
          const note = notes[isSecond ? 1 : 0]!;
          note[0] = told.length;
          note.set(told, 1);
        }),
      told: (isSecond) =>
        locked(() => {
          const [count, ...told] = notes[isSecond ? 1 : 0]!;
          return told.slice(0, count);
        }),
    },
  };
}

function readPlacement(bounds: Int32Array): Placement {
  return Array.from({ length: bounds.length / 2 }, (_, node) =>
    bounds[2 * node] === EMPTY ? null : ([bounds[2 * node]!, bounds[2 * node + 1]!] as const),
  );
}
