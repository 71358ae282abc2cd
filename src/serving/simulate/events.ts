/** Kinds of events; what the index stands for. */
export const EVENT = {
  /** A batch ends on a node. */
  done: 0,
  /** A request comes off a link. */
  arrive: 1,
  /** A transfer gives its link free. */
  sent: 2,
  /** A request reaches the coordinator from outside. */
  launch: 3,
  /** The state is sampled. */
  sample: 4,
  /** A step of a change of the placement goes on. */
  change: 5,
} as const;

const KINDS = 8;

/** One integer for an event, so that the heap holds no objects. */
export function encodeEvent(kind: number, index: number): number {
  return index * KINDS + kind;
}

export function eventKind(payload: number): number {
  return payload & (KINDS - 1);
}

export function eventIndex(payload: number): number {
  return payload >>> 3;
}
