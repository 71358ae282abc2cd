import { createCoverReach } from "./cover-reach.js";
import { createSizeChoice } from "./size-choice.js";
import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { lowest, type SweepState } from "./sweep-state.js";
import type { SweepPrices } from "./sweep-prices.js";
import type { SweepStretches } from "./sweep-stretches.js";
import type { SweepWork } from "./sweep-work.js";

/** Sizes of active nodes tried per question; then it may fit. */
const MOST_TRIED = 3000;
const LEAST_TRIED = 30;
/** Steps of the search for the nodes left, for each of them. */
const STEPS_PER_TRY = 7;
/** How tries become fewer with a question they did not answer, and more with one answered with no. */
const FEWER = 0.8;
const MORE = 1.2;
/** What comes before the first of them, in steps. */
const FIRST_STEPS = 150;
/** Covers what rounding does to sums, relative. */
const ROUNDING = 1e-9;

/** Whether whole intervals cover the layers left, whatever links there are. */
export interface SweepCovers {
  /**
   * Whether there are sizes of the nodes that go on and intervals of those left with which every layer behind was passed at the flow and every
   * layer from `at` on can be. Must be asked right after {@link SweepStretches.measure} and {@link SweepWork.isEnough} of the same layer.
   */
  fits(limits: SweepLimits, at: number): boolean;
  /** To be told, after each question, what it and all that came behind it took. */
  note(effort: number): void;
  /** Steps taken since it was made. */
  steps(): number;
}

/**
 * The sums over nodes that come before this question let a node have a half of one size and a half of another, and cover a layer by halves of
 * nodes. Here every node that goes on gets one size, one after the other, as long as all sums leave enough; with all of them given, it is
 * searched whether intervals of the nodes left cover the rest (see {@link createCoverReach}).
 */
export function createSweepCovers(
  nodes: SweepNodes,
  state: SweepState,
  {
    behind,
    work,
    prices,
  }: {
    readonly behind: SweepStretches;
    readonly work: SweepWork;
    readonly prices: readonly SweepPrices[];
  },
): SweepCovers {
  const { count, layers, best } = nodes;
  const reach = createCoverReach(nodes);
  const { needed, held, brought } = behind;
  const sizes = createSizeChoice(count, layers, behind.row + 2 * prices.length + 1);
  /** Tries by how many nodes are left. */
  const tries = new Float64Array(count + 1).fill(MOST_TRIED);
  let most = MOST_TRIED;
  let tried = 0;
  let total = 0;
  let layer = 0;
  let layersLeft = 0;

  /** One sum for every stretch behind, for the work ahead, and for what is left to spare by prices. */
  const list = (limits: SweepLimits): void => {
    const { flow } = limits;
    const slack = ROUNDING * flow * layers;
    const stretches = behind.stretches();
    sizes.begin();
    for (let s = 0; s < stretches; s++) sizes.need(needed[s]! - slack);
    sizes.need(flow * layersLeft - slack - reach.workOf(state.unused));
    const isPriced = limits.prices !== undefined;
    if (isPriced) sizes.need(flow * layersLeft - slack - reach.priceOf(state.unused));
    for (const of of prices) if (of.spare !== Infinity) sizes.need(-of.spare);
    for (let set = state.active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const size = layer - state.start[i]!;
      const largest = Math.max(size, work.largestOf(i));
      for (let k = size; k <= largest; k++) {
        const rate = Math.min(best[i]![k]!, flow);
        for (let s = 0, at = i * behind.row; s < stretches; s++, at++)
          sizes.put(Math.min(held[at]! * rate, brought[at]!));
        sizes.put((k - size) * rate);
        if (isPriced) sizes.put((reach.priceOf(1 << i) * (k - size)) / k);
        for (const of of prices)
          if (of.spare !== Infinity) sizes.put(-of.lossWith(limits, i, k, size));
        sizes.offer(k);
      }
      sizes.next(i);
    }
  };

  const give = (x: number): boolean => {
    if (x === sizes.nodes()) return reach.isEnough(layersLeft);
    const i = sizes.node(x);
    for (let n = 0; n < sizes.choices(x); n++) {
      tried += 1;
      if (tried > most) return true;
      if (!sizes.take(x, n)) continue;
      const k = sizes.size(x, n);
      reach.give(x, i, k, k - (layer - state.start[i]!));
      if (give(x + 1)) return true;
    }
    return false;
  };

  const worth = createWorth(count);

  return {
    fits(limits, at) {
      const left = sizeOf(state.unused);
      if (!worth.isToAsk(left)) return true;
      layer = at;
      layersLeft = layers - at;
      tried = 0;
      most = tries[left]!;
      reach.begin(limits, state.unused, most * STEPS_PER_TRY);
      list(limits);
      const fits = sizes.narrow() && give(0);
      if (!fits) tries[left] = Math.min(MOST_TRIED, most * MORE);
      else if (tried > most || reach.isOver()) tries[left] = Math.max(LEAST_TRIED, most * FEWER);
      total += tried + FIRST_STEPS;
      return fits;
    },
    note: worth.note,
    steps: () => total + reach.steps(),
  };
}

/** Times that a state is gone on from with the question, and without, before they are compared; then every so many times the other one has a turn. */
const TRIAL = 50;
const OTHER_EVERY = 16;

/** Whether the question saves more than it takes, by how many nodes are left: what states took that were asked, and what those took that were not. */
function createWorth(count: number): {
  isToAsk(left: number): boolean;
  note(effort: number): void;
} {
  /** By nodes left, without and with the question. */
  const times = new Float64Array(2 * (count + 1));
  const took = new Float64Array(2 * (count + 1));
  const asked: number[] = [];
  return {
    isToAsk(left) {
      const [without, including] = [2 * left, 2 * left + 1];
      const all = times[without]! + times[including]!;
      const pays = took[including]! * times[without]! <= took[without]! * times[including]!;
      let asks = pays;
      if (all < 2 * TRIAL) asks = all % 2 === 0;
      else if (all % OTHER_EVERY === 0) asks = !pays;
      asked.push(asks ? including : without);
      return asks;
    },
    note(effort) {
      const of = asked.pop()!;
      times[of]! += 1;
      took[of]! += effort;
    },
  };
}

function sizeOf(set: number): number {
  let size = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) size += 1;
  return size;
}
