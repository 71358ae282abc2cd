import type { SweepNodes } from "./sweep-limits.js";
import type { SweepPassage } from "./sweep-passage.js";
import type { SweepRules } from "./sweep-rules.js";
import { lowest, type SweepState } from "./sweep-state.js";

/** More nodes that go on have too many sets to compare what gets into each. */
const MOST_ACTIVE = 6;
/** Starts of placements that are kept: of the same nodes, and in all. */
const MOST_ALIKE = 300;
const MOST_KEPT = 20_000;
/** After so many questions it must have answered a share of them with yes, or it is not worth its time. */
const TRIAL = 4000;
const LEAST_USE = 0.05;

/** A start of a placement with nothing above a flow behind it. */
interface Past {
  readonly at: number;
  readonly flow: number;
  /** By active node, twins as they started. */
  readonly starts: readonly number[];
  /** Active nodes that may end a layer later, as they got tokens here. By position. */
  readonly relays: number;
  /** Tokens/s that get into a set of active nodes. */
  readonly into: Float64Array;
}

/**
 * Starts of placements that a sweep has done with. Another one need not be looked at if, with the same nodes going on and left, it is
 * no further, holds as many layers or more of each that goes on, and gets no more into any set of them: whatever it goes on with, the one
 * that was done with goes on with as well, as much later as it is ahead. So the sweep must come to what is further ahead first (see
 * docs/decisions/0247-sweeps-remember-what-they-have-done-with.md).
 */
export interface SweepMemory {
  /** Whether all that goes on from here, with nothing ending before the layer behind `at`, is known to carry less than the flow. */
  isKnown(at: number, flow: number): boolean;
  /** To be told when all that goes on from a border carries less than the flow, with the state as it was there. */
  keep(at: number, flow: number): void;
}

export function createSweepMemory(
  nodes: SweepNodes,
  state: SweepState,
  rules: SweepRules,
  passage: SweepPassage,
): SweepMemory {
  const present = createPresent(nodes, state, rules, passage);
  let pasts = new Map<number, Past[]>();
  let kept = 0;
  let asked = 0;
  let answered = 0;
  const isUseless = (): boolean => asked > TRIAL && answered < LEAST_USE * asked;

  return {
    isKnown(at, flow) {
      if (isUseless()) return false;
      const key = present.list();
      const alike = key === undefined ? undefined : pasts.get(key);
      if (alike === undefined) return false;
      asked += 1;
      const n = present.findBetter(alike, at, flow);
      if (n < 0) return false;
      answered += 1;
      // What is of use is asked first.
      const [past] = alike.splice(n, 1);
      alike.unshift(past!);
      return true;
    },
    keep(at, flow) {
      if (isUseless()) {
        pasts.clear();
        return;
      }
      const key = present.list();
      if (key === undefined) return;
      if (kept >= MOST_KEPT) {
        pasts = new Map();
        kept = 0;
      }
      const alike = pasts.get(key) ?? [];
      pasts.set(key, alike);
      alike.unshift(present.describe(at, flow));
      kept += 1;
      if (alike.length > MOST_ALIKE) {
        alike.pop();
        kept -= 1;
      }
    },
  };
}

/** Where a sweep is, as it may be compared. */
function createPresent(
  nodes: SweepNodes,
  state: SweepState,
  rules: SweepRules,
  passage: SweepPassage,
): {
  /** @returns a number for the nodes that are left and those that go on, whichever of twins these are; undefined: too many. */
  list(): number | undefined;
  /** The first that is as good in every respect, of those with the same number as listed last; -1: none. */
  findBetter(pasts: readonly Past[], at: number, flow: number): number;
  describe(at: number, flow: number): Past;
} {
  const { start } = state;
  const classes = listClasses(nodes);
  const endsAnywhere = nodes.best.every((rates, i) => nodes.exit[i]! >= rates[1]!);
  /** The active nodes, twins as they started. */
  const ids = new Int32Array(nodes.count);
  let active = 0;
  /** What gets into sets of them; -1: not known yet. */
  const found = new Float64Array(1 << MOST_ACTIVE);

  const list = (): number | undefined => {
    let key = 0;
    active = 0;
    for (const members of classes) {
      let first = members;
      for (let set = state.active & members; set !== 0; set &= set - 1) {
        if (active === MOST_ACTIVE) return undefined;
        ids[active++] = lowest(set);
        key |= first & -first;
        first &= first - 1;
      }
    }
    return key * 2 ** nodes.count + state.unused;
  };
  const setOf = (positions: number): number => {
    let set = 0;
    for (let rest = positions; rest !== 0; rest &= rest - 1) set |= 1 << ids[lowest(rest)]!;
    return set;
  };
  const listRelays = (at: number): number => {
    let relays = 0;
    for (let x = 0; x < active; x++) if (rules.isRelay(ids[x]!, at + 1)) relays |= 1 << x;
    return relays;
  };
  const isAhead = (past: Past, at: number): boolean => {
    const ahead = past.at - at;
    if (ahead < 0 || (ahead > 0 && !endsAnywhere)) return false;
    for (let x = 0; x < active; x++) {
      const began = start[ids[x]!]!;
      if (past.starts[x]! < began + ahead) return false;
      if (began === 0 && past.starts[x]! > 0 && !nodes.entersAnywhere) return false;
    }
    return true;
  };
  /** Whether no more gets into any set of nodes than it did then. */
  const getsLess = (past: Past, at: number, flow: number): boolean => {
    for (let set = 1; set < 1 << active; set++) {
      if (found[set]! < 0) found[set] = passage.into(setOf(set), at + 1, flow);
      if (Math.min(found[set]!, past.flow) > past.into[set]!) return false;
    }
    return true;
  };

  return {
    list,
    findBetter(pasts, at, flow) {
      found.fill(-1);
      const relays = listRelays(at);
      return pasts.findIndex(
        (past) => isAhead(past, at) && (relays & ~past.relays) === 0 && getsLess(past, at, flow),
      );
    },
    describe(at, flow) {
      const into = new Float64Array(1 << active);
      for (let set = 1; set < into.length; set++)
        into[set] = passage.into(setOf(set), at + 1, flow);
      const starts = Array.from({ length: active }, (_, x) => start[ids[x]!]!);
      return { at, flow, starts, relays: listRelays(at), into };
    },
  };
}

/** Sets of nodes that nothing tells apart. */
function listClasses({ count, twinBefore }: SweepNodes): readonly number[] {
  const classes = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    let first = i;
    while (twinBefore[first]! >= 0) first = twinBefore[first]!;
    classes.set(first, (classes.get(first) ?? 0) | (1 << i));
  }
  return [...classes.values()];
}
