/** What was set, one after the other, and where in it one is. */
export interface History<T> {
  readonly all: readonly T[];
  readonly at: number;
}

/** Steps that can be taken back. */
const MOST = 100;

export function beginHistory<T>(first: T): History<T> {
  return { all: [first], at: 0 };
}

/** One step more; what had been taken back is gone. */
export function record<T>({ all, at }: History<T>, next: T): History<T> {
  const kept = [...all.slice(0, at + 1), next].slice(-MOST);
  return { all: kept, at: kept.length - 1 };
}

/** A step back (−1) or forward (1), where there is one. */
export function travel<T>(history: History<T>, by: -1 | 1): History<T> {
  return canTravel(history, by) ? { ...history, at: history.at + by } : history;
}

export function canTravel<T>({ all, at }: History<T>, by: -1 | 1): boolean {
  return all[at + by] !== undefined;
}

export function present<T>({ all, at }: History<T>): T {
  return all[at]!;
}
