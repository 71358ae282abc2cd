import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import type { SweepRules } from "./sweep-rules.js";
import { lowest, type SweepState } from "./sweep-state.js";

/** Work that rounding may take away, as a share of all that is to be done. */
const ROUNDING = 1e-9;

/** What a sweep's nodes have done and can do, layers·tokens/s. */
export interface SweepWork {
  /** Σ of what active nodes pass if none of them ends before a layer. */
  coverOf(at: number): number;
  /** To be told which nodes have just ended, when those that start there are active. */
  end(out: number): void;
  /**
   * Whether the nodes can do what is left to do from a layer on: the one where the sweep is, or any at which one of
   * the active nodes started. What they did since then is counted with what they do later, at the one rate they have,
   * and no more of it than their links brought or took away.
   */
  isEnough(limits: SweepLimits, at: number): boolean;
  /** The most layers that an active node may hold, as found when `isEnough` was asked last. */
  largestOf(node: number): number;
  /** Σ over the layers from `from` to `to` of what has come into a node by then. */
  broughtTo(node: number, from: number, to: number): number;
  /** Most work that ended nodes did between two layers. */
  doneBetween(flow: number, from: number, to: number): number;
}

export function createSweepWork(
  nodes: SweepNodes,
  state: SweepState,
  rules: SweepRules,
): SweepWork {
  const { count, layers, links } = nodes;
  const { start, end } = state;
  /** Of nodes that have ended: what they pass on, as far as their links out take it. */
  const passed = new Float64Array(count);
  /** Of active nodes: what comes in at the layer where the sweep is, and the most layers they may hold. */
  const received = new Float64Array(count);
  const largest = new Int32Array(count);
  /** Layers from which on the work was asked for, by the number of the question: nodes that started together ask once. */
  const askedFrom = new Float64Array(layers);
  let asked = 0;

  /** Tokens/s into a node from one that has ended, if they are legal. */
  const between = (from: number, to: number): number =>
    Math.min(links[from * count + to]!, passed[from]!);

  const broughtTo = (node: number, from: number, to: number): number => {
    let sum = start[node] === 0 ? nodes.entry[node]! * (to - from) : 0;
    for (let set = state.ended & ~(1 << node); set !== 0; set &= set - 1) {
      const j = lowest(set);
      const since = Math.max(from, end[j]!);
      if (since < to && rules.isLegal(j, node)) sum += between(j, node) * (to - since);
    }
    return sum;
  };

  const doneBetween = (flow: number, from: number, to: number): number => {
    let work = 0;
    for (let set = state.ended; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const first = Math.max(from, start[i]!);
      const last = Math.min(to, end[i]!);
      if (last <= first) continue;
      work += Math.min((last - first) * Math.min(flow, passed[i]!), broughtTo(i, first, last));
    }
    return work;
  };

  const workSince = (
    { flow, between: mostBetween }: SweepLimits,
    from: number,
    at: number,
  ): number => {
    let work = doneBetween(flow, from, at);
    for (let set = state.active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const first = Math.max(from, start[i]!);
      const brought = broughtTo(i, first, at);
      work += mostBetween(i, { held: at - start[i]!, since: at - first, brought }, largest[i]!);
    }
    return work;
  };

  const coverOf = (at: number): number => {
    let sum = 0;
    for (let set = state.active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      sum += nodes.rateFrom(i, start[i]!, at);
    }
    return sum;
  };

  return {
    coverOf,
    broughtTo,
    doneBetween,
    largestOf: (node) => largest[node]!,
    end(out) {
      for (let set = out; set !== 0; set &= set - 1) {
        const i = lowest(set);
        let taken = 0;
        for (let others = state.active; others !== 0; others &= others - 1) {
          const j = lowest(others);
          if (rules.isLegal(i, j))
            taken += Math.min(links[i * count + j]!, nodes.rateFrom(j, start[j]!, end[i]! + 1));
        }
        passed[i] = Math.min(nodes.rate(i, start[i]!, end[i]!), taken);
      }
    },
    isEnough(limits, at) {
      const { flow } = limits;
      const least = -ROUNDING * layers * flow;
      const fresh = limits.freshWork(state.unused, state.unused | state.active);
      let spare = -flow;
      for (let set = state.active; set !== 0; set &= set - 1) {
        const i = lowest(set);
        received[i] = Math.min(nodes.rateFrom(i, start[i]!, at), broughtTo(i, at - 1, at));
        spare += received[i]!;
      }
      if (spare < -ROUNDING * flow) return false;
      let work = fresh + (at - layers) * flow;
      for (let set = state.active; set !== 0; set &= set - 1) {
        const i = lowest(set);
        const held = at - start[i]!;
        // What the others leave over it has to pass.
        largest[i] = limits.findLargest(i, held, received[i]! - spare - ROUNDING * flow);
        work += limits.rest(i, held, largest[i]!);
      }
      if (work < least) return false;
      asked += 1;
      for (let firsts = state.active; firsts !== 0; firsts &= firsts - 1) {
        const from = start[lowest(firsts)]!;
        if (askedFrom[from] === asked) continue;
        askedFrom[from] = asked;
        if (fresh + (from - layers) * flow + workSince(limits, from, at) < least) return false;
      }
      return true;
    },
  };
}
