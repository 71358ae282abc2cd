import type { LayerItem } from "./configuration-lp.js";
import { createMinHeap } from "../../math/flow/min-heap.js";

/** A node of a class holding so many layers, with its price per layer. */
export interface PricedItem extends LayerItem {
  /** Price of one layer of it, ≥ 0. */
  readonly price: number;
}

/** Between two layers: the intervals that run on, sorted, each its item × the most layers of any + the layers it has left. */
export interface Border {
  readonly running: readonly number[];
  /** Price of the layers that the running intervals have left: wasted if the model ends here. */
  readonly leftover: number;
  /** From a border to the next ones; filled when the border is reached. */
  readonly steps: CoverStep[];
  /** Least waste from here to a clean border. */
  cleanAfter: number;
  /** Least waste from here to the end of a model that may end anywhere. */
  endAfter: number;
  /** Least waste found from the clean border to here. */
  reachedAt: number;
}

/** Items started at a border, and the layers until the next interval ends. */
export interface CoverStep {
  readonly started: readonly number[];
  readonly layers: number;
  readonly waste: number;
  readonly to: Border;
}

export interface CoverGraph {
  /** The border that no interval crosses. */
  readonly clean: Border;
  /** False when the limit came first: borders are then missing. */
  readonly complete: boolean;
}

/**
 * All ways to cover layers from left to right at the given flow that waste at most `budget`.
 *
 * Prices are such that every covering of a layer costs at least 1; waste is what it costs above 1,
 * summed over layers. An interval starts only where it is needed: any placement can be brought
 * into that form by moving needless starts to the right, which uncovers no layer. So the graph
 * holds every placement (in that form) that wastes at most `budget`, stretch by stretch.
 *
 * @param workLimit most steps to look at; `shouldStop` is polled among them.
 */
export function buildCoverGraph(
  items: readonly PricedItem[],
  flow: number,
  budget: number,
  workLimit: number,
  shouldStop: () => boolean,
): CoverGraph {
  const borders = new Map<string, Border>();
  const queue = createMinHeap<Border>();
  let work = 0;
  let stopped = false;
  let look = 1024;
  const spend = (steps: number): boolean => {
    work += steps;
    if (work >= look) {
      look = work + 1024;
      stopped ||= shouldStop();
    }
    stopped ||= work > workLimit;
    return !stopped;
  };

  // An interval in one number: borders are looked up by the hundred thousand, by the text of their numbers.
  const span = items.reduce((most, { layers }) => Math.max(most, layers), 0) + 1;
  const itemOf = (interval: number): PricedItem => items[Math.floor(interval / span)]!;

  const reach = (running: number[], waste: number): Border => {
    const key = running.sort((a, b) => a - b).join();
    let border = borders.get(key);
    if (border === undefined) {
      const leftover = running.reduce((sum, one) => sum + itemOf(one).price * (one % span), 0);
      border = {
        running,
        leftover,
        steps: [],
        cleanAfter: Infinity,
        endAfter: leftover,
        reachedAt: Infinity,
      };
      borders.set(key, border);
    }
    if (waste < border.reachedAt) {
      border.reachedAt = waste;
      queue.push(waste, border);
    }
    return border;
  };
  const listStarts = createStartLister(items, spend);
  const clean = reach([], 0);
  for (;;) {
    if (queue.size() === 0 || !spend(1)) break;
    const { key: waste, value: border } = queue.pop();
    if (waste > border.reachedAt || border.steps.length > 0) continue;
    let rate = 0;
    let price = 0;
    let shortest = Infinity;
    for (const interval of border.running) {
      const item = itemOf(interval);
      rate += item.rate;
      price += item.price;
      shortest = Math.min(shortest, interval % span);
    }
    const allowance = budget - waste;
    listStarts(flow - rate, 1 + allowance - price, (started, added) => {
      let layers = shortest;
      for (const item of started) layers = Math.min(layers, items[item]!.layers);
      const wasted = Math.max(0, price + added - 1) * layers;
      if (wasted > allowance) return;
      const next: number[] = [];
      for (const interval of border.running)
        if (interval % span > layers) next.push(interval - layers);
      for (const item of started) {
        const left = items[item]!.layers - layers;
        if (left > 0) next.push(item * span + left);
      }
      const to = reach(next, waste + wasted);
      border.steps.push({ started: started.slice(), layers, waste: wasted, to });
    });
  }
  priceEndings([...borders.values()], clean);
  return { clean, complete: !stopped };
}

/** A start of this many items costs a step more: it is copied whole. */
const LONG_START = 64;

type VisitStarts = (started: readonly number[], price: number) => void;

/** Lists the minimal multisets of items with Σ rate ≥ missing and Σ price ≤ allowance; [] if missing ≤ 0. */
function createStartLister(
  items: readonly PricedItem[],
  spend: (steps: number) => boolean,
): (missing: number, allowance: number, visit: VisitStarts) => void {
  const order = [...items.keys()].sort((a, b) => items[b]!.rate - items[a]!.rate);
  // Least price per rate among this and later items.
  const density = new Float64Array(order.length + 1).fill(Infinity);
  for (let at = order.length - 1; at >= 0; at--) {
    const { price, rate } = items[order[at]!]!;
    density[at] = Math.min(density[at + 1]!, price / rate);
  }
  return (missing, allowance, visit) => {
    if (missing <= 0) {
      visit([], 0);
      return;
    }
    // Depth first with a stack of its own: how many nodes run side by side is up to the rates given.
    const started: number[] = [];
    const behind: { readonly at: number; readonly rest: number; readonly price: number }[] = [];
    let at = 0;
    let rest = missing;
    let price = 0;
    for (;;) {
      const worthwhile =
        at < order.length &&
        price + rest * density[at]! <= allowance + 1e-9 &&
        spend(1 + Math.floor(started.length / LONG_START));
      if (!worthwhile) {
        const last = behind.pop();
        if (last === undefined) return;
        ({ at, rest, price } = last);
        started.pop();
        at++;
        continue;
      }
      const item = items[order[at]!]!;
      if (price + item.price > allowance) {
        at++;
        continue;
      }
      started.push(order[at]!);
      // Rates descend, so the last item added is the one least needed: each multiset is minimal.
      if (item.rate >= rest) {
        visit(started, price + item.price);
        started.pop();
        at++;
        continue;
      }
      behind.push({ at, rest, price });
      rest -= item.rate;
      price += item.price;
    }
  };
}

/** Least waste from every border to a clean one and to any end, by Dijkstra against the steps. */
function priceEndings(borders: readonly Border[], clean: Border): void {
  const arrivals = new Map<Border, { readonly from: Border; readonly waste: number }[]>();
  for (const from of borders) {
    for (const { to, waste } of from.steps) {
      const known = arrivals.get(to);
      if (known === undefined) arrivals.set(to, [{ from, waste }]);
      else known.push({ from, waste });
    }
  }
  const spread = (field: "cleanAfter" | "endAfter", starts: readonly Border[]): void => {
    const queue = createMinHeap<Border>();
    for (const border of starts) queue.push(border[field], border);
    while (queue.size() > 0) {
      const { key, value } = queue.pop();
      if (key > value[field]) continue;
      for (const { from, waste } of arrivals.get(value) ?? []) {
        if (key + waste >= from[field]) continue;
        from[field] = key + waste;
        queue.push(key + waste, from);
      }
    }
  };
  clean.cleanAfter = 0;
  spread("cleanAfter", [clean]);
  spread("endAfter", borders);
}
