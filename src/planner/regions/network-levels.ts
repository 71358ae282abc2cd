import { listCrossings, type NetworkModel } from "./network-model.js";

/** A kind of border: at least so many nodes send, at least so many receive. */
export interface BorderKind {
  readonly from: number;
  readonly to: number;
  /** Indices into the levels of the sending and the receiving region. */
  readonly sendLevel: number;
  readonly receiveLevel: number;
  /** Share of the flow that such a border passes at most; in (0, 1]. */
  readonly share: number;
}

export interface Borders {
  /** Per region the node counts that are told apart, ascending, from 1. A count stands for all up to the next. */
  readonly levels: readonly (readonly number[])[];
  readonly kinds: readonly BorderKind[];
}

const EXACT_LEVELS = 8;
/** The last level: it stands for all larger counts too. */
const HIGHEST_LEVEL = 15;

/**
 * The kinds of borders worth telling apart at a flow. Where more nodes on either side add nothing,
 * they are not listed. O(pairs · levels² · node count²).
 */
export function listBorders(model: NetworkModel, flow: number): Borders {
  const levels = model.nodeCounts.map(levelsUpTo);
  const kinds: BorderKind[] = [];
  for (const { from, to, capacity } of listCrossings(model)) {
    const [send, receive] = [levels[from]!, levels[to]!];
    const top = (list: readonly number[], level: number, count: number): number =>
      level + 1 < list.length ? list[level + 1]! - 1 : count;
    const share = send.map((_, i) =>
      receive.map((__, j) => {
        const senders = top(send, i, model.nodeCounts[from]!);
        const receivers = top(receive, j, model.nodeCounts[to]!);
        return Math.min(1, (capacity(senders, receivers) / flow) * (1 + 1e-9));
      }),
    );
    for (let i = 0; i < send.length; i++) {
      for (let j = 0; j < receive.length; j++) {
        const value = share[i]![j]!;
        const asGood = Math.max(share[i - 1]?.[j] ?? 0, share[i]![j - 1] ?? 0);
        if (value > asGood) kinds.push({ from, to, sendLevel: i, receiveLevel: j, share: value });
      }
    }
  }
  return { levels: levels.map((list, region) => trim(list, region, kinds)), kinds };
}

function levelsUpTo(count: number): readonly number[] {
  const levels: number[] = [];
  for (let level = 1; level <= Math.min(count, HIGHEST_LEVEL);) {
    levels.push(level);
    level = level < EXACT_LEVELS ? level + 1 : Math.ceil(level * 1.4);
  }
  return levels;
}

/** Without the levels above the highest one in use. */
function trim(
  list: readonly number[],
  region: number,
  kinds: readonly BorderKind[],
): readonly number[] {
  let highest = 0;
  for (const { from, to, sendLevel, receiveLevel } of kinds) {
    if (from === region) highest = Math.max(highest, sendLevel);
    if (to === region) highest = Math.max(highest, receiveLevel);
  }
  return list.slice(0, highest + 1);
}
