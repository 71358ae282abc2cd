/**
 * Where a sweep is: the choices that it is behind, one number each, larger the later it comes. All placements before the path were looked at, or all
 * after it by a sweep that goes backward.
 */
export type SweepPath = readonly number[];

/** Choices told: those deeper down are soon over. */
const MOST_TOLD = 8;

/** The choices of a sweep over so many nodes. */
export interface SweepTrail {
  /** Enters, goes on to or leaves (`undefined`) a choice. */
  put(depth: number, at: number, out: number, into: number): void;
  read(depth: number): SweepPath;
}

export function createSweepTrail(count: number, layers: number): SweepTrail {
  const choices = new Int32Array(3 * (layers + 1));
  return {
    put(depth, at, out, into) {
      choices[3 * depth] = at;
      choices[3 * depth + 1] = out;
      choices[3 * depth + 2] = into;
    },
    read: (depth) =>
      Array.from({ length: Math.min(depth, MOST_TOLD) }, (_, d) => {
        const [at, out, into] = choices.subarray(3 * d, 3 * d + 3);
        return (
          ((layers - at!) * 2 ** count + firstFirst(out!, count)) * 2 ** count +
          firstFirst(into!, count)
        );
      }),
  };
}

/** Sets as numbers in the order in which they are chosen: without the first node, then with it, and the same with the next. */
function firstFirst(set: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = 2 * value + ((set >> i) & 1);
  return value;
}

/** Whether one that goes forward is past one that goes backward: then one of the two has looked at every placement. */
export function isPast(forward: SweepPath, backward: SweepPath): boolean {
  for (const [depth, choice] of forward.entries()) {
    const other = backward[depth];
    if (other === undefined) return false;
    if (choice !== other) return choice > other;
  }
  return false;
}
