import type { LayerInterval } from "../../core/placement.js";
import { createSweepChoices } from "./sweep-choices.js";
import { createSweepMemory } from "./sweep-memory.js";
import { createSweepPassage } from "./sweep-passage.js";
import { createSweepTrail, type SweepPath } from "./sweep-path.js";
import { createSweepPrices } from "./sweep-prices.js";
import { createSweepRules } from "./sweep-rules.js";
import { createSweepStretches } from "./sweep-stretches.js";
import { createSweepState, isIn, lowest } from "./sweep-state.js";
import { createSweepWork } from "./sweep-work.js";
import { limitSweepNodes, type SweepLimits, type SweepNodes } from "./sweep-limits.js";

/** What a sweep tells and asks while it runs. */
export interface SweepEvents {
  /** The flow that placements must carry to be looked for; may rise while the sweep runs. */
  flow(): number;
  /** Tokens/s that no placement exceeds, or of which no more needs to be told. */
  most(): number;
  /** Prices by node for such a flow, see {@link SweepLimits}; undefined: not known. */
  prices?(flow: number): Float64Array | undefined;
  /** Intervals (null: none) that may carry as much as `most`, and the flow asked for. */
  onPlacement(intervals: readonly (LayerInterval | null)[], most: number): void;
}

/** How a sweep goes through the placements. */
interface SweepManner {
  /** Whether tokens may enter a node in the middle of its layers. */
  readonly partial: boolean;
  /** Whether it takes the first two choices the other way round. */
  readonly backward: boolean;
  readonly looksPerStep?: number;
  /** Looks from which on what they were at is remembered. */
  readonly worthKeeping?: number;
}

/** Covers what rounding does to a flow, relative. */
const INWARD = 1 - 1e-9;
/** What a max flow costs, in looks at the work that is left. */
const FLOW_COST = 8;
/** What a look with prices costs. */
const PRICES_COST = 6;
/** Choices of a node to end or start that take as long as a look. */
const CHOICES_PER_LOOK = 16;
/** Looks from which on what they were at is remembered: less is done again as soon as compared. */
const WORTH_KEEPING = 1000;
/** Choices that a sweep which goes backward takes the other way round. */
const TURNED = 2;
/** Looks between two yields by default: about a millisecond. */
const LOOKS_PER_STEP = 1000;

/**
 * All placements that may carry a flow, from layer 0 on: at every layer where nodes end or start, which ones. A
 * start of a placement is given up when what has ended, with what goes on, cannot carry the flow so far (max flow), or
 * when the work left in all others is too little for the layers left. So thin links are seen as soon as both their ends are set.
 *
 * Only such placements are looked at (others carry no more, see docs/network-bounds.md):
 * - a node starts at layer 0 or where one ends that has a link to it;
 * - a node ends at the last layer or where one starts to which it has a link, or, with partial
 *   inference, one layer after it got tokens;
 * - no layer at which nodes end could be one later without any of them passing less than its links let it pass;
 * - of nodes that nothing tells apart the first starts first, and of those that start together the first ends first.
 *
 * Far layers come before near ones, as {@link createSweepMemory} wants. Backward it takes the first two choices the other way round. Yields where it is every some flows. When it is done, every placement that carries the last flow asked for was told.
 */
export function* sweepLayers(
  nodes: SweepNodes,
  { partial, backward, looksPerStep = LOOKS_PER_STEP, worthKeeping = WORTH_KEEPING }: SweepManner,
  events: SweepEvents,
): Generator<SweepPath, void> {
  const { count, layers } = nodes;
  const state = createSweepState(count);
  const { start, end } = state;
  const rules = createSweepRules(nodes, state, partial);
  const work = createSweepWork(nodes, state, rules);
  const behind = createSweepStretches(nodes, state, work);
  const prices = [false, true].map((byCovers) =>
    createSweepPrices(nodes, state, { work, behind }, byCovers),
  );
  const choices = createSweepChoices(nodes, state, prices);
  const passage = createSweepPassage(nodes, state, rules);
  const memory = createSweepMemory(nodes, state, rules, passage);
  const trail = createSweepTrail(count, layers);
  let depth = 0;
  let looks = 0;
  let rested = 0;
  /** Placements told that promise the flow and did not raise it. */
  let promises = 0;
  let flow = 0;
  let ceiling = Infinity;
  let limits: SweepLimits;
  const readFlow = (): void => {
    const asked = events.flow() * INWARD;
    ceiling = events.most();
    if (asked <= flow) return;
    flow = asked;
    limits = limitSweepNodes(nodes, flow, events.prices?.(flow));
  };
  readFlow();

  /** What was done so far, in looks. */
  const effort = (): number =>
    looks + FLOW_COST * passage.flows() + choices.steps() / CHOICES_PER_LOOK;
  const isTired = (): boolean => effort() - rested >= looksPerStep;

  /** Whether the flow gets into the nodes that are active, if none of them ends before. */
  const carries = (at: number): boolean =>
    work.coverOf(at) >= flow && passage.into(state.active, at, flow) >= flow;

  const isEnough = (at: number): boolean => {
    looks++;
    return work.isEnough(limits, at);
  };

  /** The same with prices: dearer, and sees more. */
  const isPricedEnough = (at: number): boolean => {
    behind.measure(flow, at);
    for (const kind of prices) {
      looks += PRICES_COST;
      if (!kind.isEnough(limits, at)) return false;
    }
    return true;
  };

  const tell = (): void => {
    const most = passage.into(state.active, layers, nodes.coordinator);
    const intervals = Array.from({ length: count }, (_, i): LayerInterval | null =>
      isIn(state.unused, i) ? null : [start[i]!, isIn(state.active, i) ? layers : end[i]!],
    );
    events.onPlacement(intervals, most);
    readFlow();
    if (most >= flow) promises += 1;
  };

  function* rest(): Generator<SweepPath, void> {
    rested = effort();
    const path = trail.read(depth);
    yield backward ? path.slice(0, TURNED) : path;
    readFlow();
  }

  /** Whether a next layer is worth a look, and none behind it where not. */
  const isReached = (at: number, next: number): boolean => {
    // Before the first step the flow was asked for already.
    if ((next > at + 1 || next === layers) && !carries(next)) return false;
    if (at > 0 && next > at + 1 && memory.isKnown(next - 1, flow)) return false;
    // What all that go on cannot do if none of them ends before here, they cannot if none ends before the next layer.
    return next === layers || (isEnough(next) && isPricedEnough(next));
  };

  /** Everything from a border on: `out` ended there. */
  function* goOn(at: number, out: number, mayRaise: boolean): Generator<SweepPath, void> {
    if (isTired()) yield* rest();
    const furthest = mayRaise && rules.isRaisable(out, at, ceiling) ? at + 1 : layers;
    const borders: (readonly number[])[] = [];
    for (let next = at + 1; next <= furthest && isReached(at, next); next++)
      borders.push(next === layers ? [] : choices.list(limits, next));
    const isTurned = backward && depth < TURNED;
    for (let n = 0; n < borders.length; n++) {
      const ahead = isTurned ? n : borders.length - 1 - n;
      yield* endAndStart(at + 1 + ahead, borders[ahead]!);
    }
  }

  /** Every choice of nodes that end at a layer and that start there. */
  function* endAndStart(at: number, pairs: readonly number[]): Generator<SweepPath, void> {
    if (at === layers) {
      tell();
      return;
    }
    const { active: wereActive, ended: wereEnded, unused: free } = state;
    let relays = 0;
    for (let set = state.active; set !== 0; set &= set - 1)
      if (rules.isRelay(lowest(set), at)) relays |= set & -set;
    const own = depth;
    const isTurned = backward && own < TURNED;
    for (let n = 0; n < pairs.length; n += 2) {
      const pair = isTurned ? pairs.length - 2 - n : n;
      const [out, into] = [pairs[pair]!, pairs[pair + 1]!];
      const loose = rules.unjoined(out, into);
      if ((loose & ~relays) !== 0) continue;
      trail.put(own, at, out, into);
      depth = own + 1;
      state.unused = free & ~into;
      state.active = (wereActive & ~out) | into;
      state.ended = wereEnded | out;
      for (let set = out; set !== 0; set &= set - 1) end[lowest(set)] = at;
      for (let set = into; set !== 0; set &= set - 1) start[lowest(set)] = at;
      work.end(out);
      if (
        isEnough(at + 1) &&
        carries(at + 1) &&
        isPricedEnough(at + 1) &&
        !memory.isKnown(at, flow)
      ) {
        const [before, made] = [effort(), promises];
        yield* goOn(at, out, loose === 0 && !isTurned);
        if (promises === made && effort() - before >= worthKeeping) memory.keep(at, flow);
      } else if (isTired()) yield* rest();
    }
    depth = own;
    state.active = wereActive;
    state.ended = wereEnded;
    state.unused = free;
  }

  if (flow > nodes.coordinator) return;
  const all = state.unused;
  const firsts = choices.list(limits!, 0);
  for (let n = 1; n < firsts.length; n += 2) {
    const into = firsts[backward ? firsts.length - n : n]!;
    trail.put(0, 0, 0, into);
    depth = 1;
    state.unused = all & ~into;
    state.active = into;
    for (let set = into; set !== 0; set &= set - 1) start[lowest(set)] = 0;
    if (isEnough(1) && carries(1)) yield* goOn(0, 0, false);
  }
}
