import type { SweepLimits, SweepNodes } from "./sweep-limits.js";
import { lowest, type SweepState } from "./sweep-state.js";
import type { SweepStretches } from "./sweep-stretches.js";
import type { SweepWork } from "./sweep-work.js";

/** Times that prices are moved before a sweep goes on. */
const ROUNDS = 2;
/** How far below nothing prices aim, in layers of the flow. */
const AIM = 0.02;
/** What rounding may do to a sum, as a share of what is summed. */
const ROUNDING = 1e-9;
/** Sizes of a node that are looked at one by one only if the best of them all could be the best. */
const STRIDE = 4;

/** What is left to do, with a price on every layer behind. */
export interface SweepPrices {
  /**
   * Whether the nodes can do what is left from a layer on, and could have done what lies behind. Must be asked right after
   * {@link SweepWork.isEnough} of the same layer, which the stretches must be measured for.
   */
  isEnough(limits: SweepLimits, at: number): boolean;
  /** Priced worth, layers·tokens/s, to spare when last asked, and what of it a node takes that ends at that layer, or goes on. */
  readonly spare: number;
  readonly lossIfEnded: Float64Array;
  readonly lossIfGoingOn: Float64Array;
}

/**
 * Every layer behind had to be passed at the flow, by nodes that have one rate for all their layers: one that goes on for long was slow all the
 * time. With a price λ ≥ 0 on the layers behind and 1 on those ahead, all layers together need no more than what every node could do at best:
 *   F·(Σ λ + layers left) ≤ Σ ended + Σ active max_k Σ λ·min(T(k), what came in) + (k − held)·T(k) + Σ work of all others.
 * It holds for any prices. They are moved against what is short (Polyak's step) and kept by layer, as the next question is much the same.
 */
export function createSweepPrices(
  nodes: SweepNodes,
  state: SweepState,
  { work, behind }: { readonly work: SweepWork; readonly behind: SweepStretches },
  byCovers: boolean,
): SweepPrices {
  const { count, layers } = nodes;
  const { first, needed, held, brought, row } = behind;
  const price = new Float64Array(row);
  const slope = new Float64Array(row);
  const kept = new Float64Array(layers + 1);

  const { weigh, ending, goingOn, sizes } = weighNodes(
    nodes,
    { state, work, behind, price },
    byCovers,
  );
  const keepLosses = (): void => {
    for (let set = state.active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const best = Math.max(ending[i]!, goingOn[i]!);
      prices.lossIfEnded[i] = best - ending[i]!;
      prices.lossIfGoingOn[i] = best - goingOn[i]!;
    }
  };
  const keepPrices = (): void => {
    for (let s = 0; s < behind.stretches(); s++) kept[first[s]!] = price[s]!;
  };
  /** @returns whether there is a direction left to go. */
  const move = (value: number, flow: number): boolean => {
    for (let s = 0; s < behind.stretches(); s++) slope[s] = -needed[s]!;
    for (let set = state.active; set !== 0; set &= set - 1) {
      const i = lowest(set);
      const rate = Math.min(nodes.best[i]![sizes[i]!]!, flow);
      for (let s = 0, n = i * row; s < behind.stretches(); s++, n++)
        slope[s]! += Math.min(held[n]! * rate, brought[n]!);
    }
    let norm = 0;
    for (let s = 0; s < behind.stretches(); s++)
      if (price[s]! > 0 || slope[s]! < 0) norm += slope[s]! * slope[s]!;
    if (norm <= 0) return false;
    const step = (value + AIM * flow) / norm;
    for (let s = 0; s < behind.stretches(); s++)
      price[s] = Math.max(0, price[s]! - step * slope[s]!);
    return true;
  };

  const prices = {
    spare: 0,
    lossIfEnded: new Float64Array(count),
    lossIfGoingOn: new Float64Array(count),
    isEnough(limits: SweepLimits, at: number): boolean {
      const { flow } = limits;
      prices.spare = Infinity;
      if (byCovers && limits.prices === undefined) return true;
      for (let s = 0; s < behind.stretches(); s++) price[s] = kept[first[s]!]!;
      const fresh = byCovers
        ? sumOver(state.unused, limits.prices!)
        : limits.freshWork(state.unused, state.unused | state.active);
      for (let round = 0; round < ROUNDS; round++) {
        let value = fresh - flow * (layers - at);
        let rounding = ROUNDING * flow * layers;
        for (let s = 0; s < behind.stretches(); s++) {
          value -= price[s]! * needed[s]!;
          rounding += ROUNDING * flow * price[s]! * (first[s + 1]! - first[s]!);
        }
        for (let set = state.active; set !== 0; set &= set - 1)
          value += weigh(lowest(set), at, limits);
        value += rounding;
        if (value < 0) {
          keepPrices();
          return false;
        }
        if (value < prices.spare) {
          prices.spare = value;
          keepLosses();
        }
        if (!move(value, flow)) break;
      }
      keepPrices();
      return true;
    },
  };
  return prices;
}

/** What active nodes are worth by the prices on the layers behind. */
function weighNodes(
  nodes: SweepNodes,
  {
    state,
    work,
    behind,
    price,
  }: {
    readonly state: SweepState;
    readonly work: SweepWork;
    readonly behind: SweepStretches;
    readonly price: Float64Array;
  },
  byCovers: boolean,
): {
  /** The most of a node, of what it is worth if it ends here and if it goes on; how many layers it holds then. */
  weigh(node: number, at: number, limits: SweepLimits): number;
  readonly ending: Float64Array;
  readonly goingOn: Float64Array;
  readonly sizes: Int32Array;
} {
  const ending = new Float64Array(nodes.count);
  const goingOn = new Float64Array(nodes.count);
  const sizes = new Int32Array(nodes.count);
  /** What so many layers ahead are worth. */
  const worthAhead = (i: number, ahead: number, size: number, limits: SweepLimits): number =>
    byCovers
      ? (limits.prices![i]! * ahead) / size
      : ahead * Math.min(nodes.best[i]![size]!, limits.flow);

  /** Stretches with a price that a node held: its priced layers, and the priced tokens that came in over them. */
  let priced = 0;
  const heldPriced = new Float64Array(behind.row);
  const broughtPriced = new Float64Array(behind.row);
  const listPriced = (i: number): void => {
    priced = 0;
    for (let s = 0, n = i * behind.row; s < behind.stretches(); s++, n++) {
      if (price[s]! <= 0 || behind.held[n]! <= 0) continue;
      heldPriced[priced] = price[s]! * behind.held[n]!;
      broughtPriced[priced++] = price[s]! * behind.brought[n]!;
    }
  };
  /** What a node did in them at a rate. */
  const workBehind = (rate: number): number => {
    let sum = 0;
    for (let n = 0; n < priced; n++) sum += Math.min(heldPriced[n]! * rate, broughtPriced[n]!);
    return sum;
  };

  const weigh = (i: number, at: number, limits: SweepLimits): number => {
    const { flow } = limits;
    const size = at - state.start[i]!;
    const rates = nodes.best[i]!;
    listPriced(i);
    ending[i] = workBehind(Math.min(rates[size]!, flow));
    const largest = work.largestOf(i);
    let [most, best] = [-Infinity, size];
    const look = (k: number, worthBehind: number): void => {
      const sum = worthAhead(i, k - size, k, limits) + worthBehind;
      if (sum > most) [most, best] = [sum, k];
    };
    const behindWith = (k: number): number => workBehind(Math.min(rates[k]!, flow));
    const last = sizes[i]!;
    if (last > size && last <= largest) look(last, behindWith(last));
    for (let top = largest; top > size; top -= STRIDE) {
      const bottom = Math.max(size + 1, top - STRIDE + 1);
      // What is larger did no more behind than the smallest, and what is smaller is worth no more ahead than `mostAhead` says.
      const atBottom = behindWith(bottom);
      const mostAhead = byCovers
        ? worthAhead(i, top - size, top, limits)
        : limits.rest(i, size, top);
      if (mostAhead + atBottom <= most) continue;
      look(bottom, atBottom);
      for (let k = bottom + 1; k <= top; k++) look(k, behindWith(k));
    }
    goingOn[i] = most;
    sizes[i] = most > ending[i]! ? best : size;
    return Math.max(most, ending[i]!);
  };
  return { weigh, ending, goingOn, sizes };
}

function sumOver(set: number, values: Float64Array): number {
  let sum = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) sum += values[lowest(rest)]!;
  return sum;
}
