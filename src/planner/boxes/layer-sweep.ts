import type { LayerInterval } from "../../core/placement.js";
import { createSweepFlow } from "./sweep-flow.js";
import { limitSweepNodes, type SweepLimits, type SweepNodes } from "./sweep-limits.js";

/** What a sweep tells and asks while it runs. */
export interface SweepEvents {
  /** The flow that placements must carry to be looked for; may rise while the sweep runs. */
  flow(): number;
  /** Tokens/s that no placement exceeds, or of which no more needs to be told. */
  most(): number;
  /** Intervals (null: none) that may carry as much as `most`, and the flow asked for. */
  onPlacement(intervals: readonly (LayerInterval | null)[], most: number): void;
}

/** Covers what rounding does to a flow, relative. */
const INWARD = 1 - 1e-9;
/** Work that rounding may take away, as a share of all that is to be done. */
const ROUNDING = 1e-9;
/** What a max flow costs, in looks at the work that is left. */
const FLOW_COST = 8;
/** Looks between two yields: about a millisecond. */
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
 * Yields every some flows. When it is done, every placement that carries the last flow asked for was told.
 */
export function* sweepLayers(
  nodes: SweepNodes,
  partial: boolean,
  events: SweepEvents,
): Generator<void, void> {
  const { count, layers, links, leadsTo, twinBefore } = nodes;
  const network = createSweepFlow(count);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  /** Sets of nodes, as bits. */
  let unused = (1 << count) - 1;
  let active = 0;
  let ended = 0;
  let looks = 0;
  let flow = 0;
  let ceiling = Infinity;
  let limits: SweepLimits;
  const readFlow = (): void => {
    const asked = events.flow() * INWARD;
    ceiling = events.most();
    if (asked <= flow) return;
    flow = asked;
    limits = limitSweepNodes(nodes, flow);
  };
  readFlow();

  const linkOf = (from: number, to: number): number => links[from * count + to]!;
  const isIn = (set: number, node: number): boolean => ((set >> node) & 1) === 1;
  /** Whether tokens may go from a node that has ended to one that has started. */
  const isLegal = (from: number, to: number): boolean =>
    partial
      ? start[to]! <= end[from]! && (isIn(active, to) || end[from]! < end[to]!)
      : start[to] === end[from];

  /** Σ of what active nodes pass if none of them ends before. */
  const coverage = (at: number): number => {
    let sum = 0;
    for (let set = active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      sum += nodes.rateFrom(i, start[i]!, at);
    }
    return sum;
  };

  const loadFlow = (at: number): void => {
    looks += FLOW_COST;
    network.clear();
    for (let set = active | ended; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const goesOn = isIn(active, i);
      const rate = goesOn ? nodes.rateFrom(i, start[i]!, at) : nodes.rate(i, start[i]!, end[i]!);
      const leaves = !goesOn ? 0 : at === layers ? nodes.exit[i]! : rate;
      network.setNode(i, rate, start[i] === 0 ? nodes.entry[i]! : 0, leaves);
    }
    for (let set = ended; set !== 0; set &= set - 1) {
      const i = lowest(set);
      for (let to = (active | ended) & leadsTo[i]!; to !== 0; to &= to - 1) {
        const j = lowest(to);
        if (isLegal(i, j)) network.setLink(i, j, linkOf(i, j));
      }
    }
  };
  /** Whether the flow gets into the nodes that are active, if none of them ends before. */
  const carries = (at: number): boolean => {
    if (coverage(at) < flow) return false;
    loadFlow(at);
    return network.maximum(flow) >= flow;
  };

  /**
   * Whether the nodes can do what is left to do from a layer on: the one we are at, or any at which one of the
   * active nodes started. What they did since then is counted with what they do later, at the one rate they have.
   */
  const isEnough = (at: number): boolean => {
    looks++;
    let fresh = 0;
    for (let set = unused; set !== 0; set &= set - 1) fresh += limits.unused[lowest(set)]!;
    const spare = coverage(at) - flow;
    const most = new Int32Array(count);
    let work = fresh + (at - layers) * flow;
    for (let set = active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const held = at - start[i]!;
      // What the others leave over it has to pass.
      most[i] = limits.largest(i, held, nodes.rateFrom(i, start[i]!, at) - spare);
      work += limits.rest(i, held, most[i]!);
    }
    if (work < -ROUNDING * layers * flow) return false;
    for (let firsts = active; firsts !== 0; firsts &= firsts - 1) {
      const from = start[lowest(firsts)]!;
      work = fresh + (from - layers) * flow;
      for (let set = ended; set !== 0; set &= set - 1) {
        const i = lowest(set);
        const done = end[i]! - Math.max(from, start[i]!);
        if (done > 0) work += done * Math.min(flow, nodes.rate(i, start[i]!, end[i]!));
      }
      for (let set = active; set !== 0; set &= set - 1) {
        const i = lowest(set);
        const before = Math.max(0, from - start[i]!);
        work += limits.between(i, before, at - start[i]!, most[i]!);
      }
      if (work < -ROUNDING * layers * flow) return false;
    }
    return true;
  };

  /** All sets of candidates in which twins come in order, as bits; the empty one first. */
  const listOrdered = (candidates: number, from: number, byStart: boolean): number[] => {
    const sets = [0];
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowest(rest);
      let twins = 0;
      for (let j = twinBefore[i]!; j >= 0; j = twinBefore[j]!)
        if (isIn(from, j) && (!byStart || start[j] === start[i])) twins |= 1 << j;
      const known = sets.length;
      for (let n = 0; n < known; n++)
        if ((sets[n]! & twins) === twins) sets.push(sets[n]! | (1 << i));
    }
    return sets;
  };

  /** Whether a node may end here though none starts to which it could send: a layer before it got tokens. */
  const isRelay = (i: number, at: number): boolean => {
    if (!partial) return false;
    if (start[i] === 0 && at === 1) return nodes.entry[i]! > 0;
    for (let set = ended; set !== 0; set &= set - 1) {
      const j = lowest(set);
      if (end[j] === at - 1 && start[i]! < at && linkOf(j, i) > 0) return true;
    }
    return false;
  };

  /** Those of a set that no node among `into` receives from. */
  const unjoined = (out: number, into: number): number => {
    let left = 0;
    for (let set = out; set !== 0; set &= set - 1) {
      const i = lowest(set);
      if ((leadsTo[i]! & into) === 0) left |= 1 << i;
    }
    return left;
  };

  /** Whether the nodes that ended here could end a layer later and would still pass all that their links let them pass. */
  const isRaisable = (out: number, at: number): boolean => {
    for (let set = out; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const size = at + 1 - start[i]!;
      if (nodes.holds(i, size, ceiling)) continue;
      let received = start[i] === 0 ? nodes.entry[i]! : 0;
      let sent = 0;
      for (let others = ended & ~(1 << i); others !== 0; others &= others - 1) {
        const j = lowest(others);
        if (isLegal(j, i)) received += Math.min(linkOf(j, i), nodes.rate(j, start[j]!, end[j]!));
      }
      for (let others = active; others !== 0; others &= others - 1) {
        const j = lowest(others);
        if (isLegal(i, j)) sent += Math.min(linkOf(i, j), nodes.rateFrom(j, start[j]!, at + 1));
      }
      if (!nodes.holds(i, size, Math.min(received, sent))) return false;
    }
    return true;
  };

  const tell = (): void => {
    loadFlow(layers);
    const most = network.maximum(nodes.coordinator);
    const intervals = Array.from({ length: count }, (_, i): LayerInterval | null =>
      isIn(unused, i) ? null : [start[i]!, isIn(active, i) ? layers : end[i]!],
    );
    events.onPlacement(intervals, most);
  };

  /** Everything from a border on: `out` ended there. */
  function* goOn(at: number, out: number, mayRaise: boolean): Generator<void, void> {
    if (looks >= LOOKS_PER_STEP) {
      looks = 0;
      yield;
      readFlow();
    }
    const furthest = mayRaise && isRaisable(out, at) ? at + 1 : layers;
    for (let next = at + 1; next <= furthest; next++) {
      // Before the first step the flow was asked for already.
      if ((next > at + 1 || next === layers) && !carries(next)) return;
      if (next === layers) {
        tell();
        readFlow();
        return;
      }
      if (isEnough(next)) yield* endAndStart(next);
    }
  }

  /** Every choice of nodes that end at a layer and that start there. */
  function* endAndStart(at: number): Generator<void, void> {
    const [wereActive, wereEnded, free] = [active, ended, unused];
    let relays = 0;
    for (let set = active; set !== 0; set &= set - 1)
      if (isRelay(lowest(set), at)) relays |= set & -set;
    for (const out of listOrdered(wereActive, wereActive, true)) {
      if (out === 0) continue;
      let reached = 0;
      for (let set = out; set !== 0; set &= set - 1) {
        reached |= leadsTo[lowest(set)]!;
        end[lowest(set)] = at;
      }
      for (const into of listOrdered(reached & free, free, false)) {
        const loose = unjoined(out, into);
        if ((loose & ~relays) !== 0) continue;
        unused = free & ~into;
        active = (wereActive & ~out) | into;
        ended = wereEnded | out;
        for (let set = into; set !== 0; set &= set - 1) start[lowest(set)] = at;
        if (isEnough(at + 1) && carries(at + 1)) yield* goOn(at, out, loose === 0);
        else if (looks >= LOOKS_PER_STEP) {
          looks = 0;
          yield;
          readFlow();
        }
      }
    }
    active = wereActive;
    ended = wereEnded;
    unused = free;
  }

  if (flow > nodes.coordinator) return;
  const all = unused;
  // Everything from layer 0 on.
  for (const into of listOrdered(all, all, false)) {
    unused = all & ~into;
    active = into;
    for (let set = into; set !== 0; set &= set - 1) start[lowest(set)] = 0;
    if (isEnough(1) && carries(1)) yield* goOn(0, 0, false);
  }
}

function lowest(set: number): number {
  return 31 - Math.clz32(set & -set);
}
