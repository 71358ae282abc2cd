import { ROUNDING } from "./cover-model.js";
import type { SweepChoice, SweepSpace } from "./sweep-space.js";

/** What is at work at a border: all that the layers behind it depend on. */
export interface SweepState {
  /** Spans, in order. */
  readonly active: readonly number[];
  /** By which the cheapest way here, and from here to the end, costs more than the base. */
  from: number;
  onward: number;
  /** From here to the end: layers to load at least, and nodes of each kind, at least and at most. */
  loads: number;
  fewest: Uint16Array;
  most: Uint16Array;
  steps: SweepStep[];
}

/** Who begins at a layer, and what that leads to: the next one at which somebody may have to begin. */
export interface SweepStep {
  readonly layer: number;
  readonly to: number;
  readonly reduced: number;
  readonly loads: number;
  readonly chosen: readonly SweepChoice[];
}

export interface SweepOptions {
  /** Ways that cost more than the base and this are left out. */
  readonly budget: number;
  readonly mostStates: number;
  readonly shouldStop: () => boolean;
  /** Whether a node may give up a layer at either end that others cover. */
  readonly trims: boolean;
}

const COVERED = 1 - 1.001 * ROUNDING;
const LOOK_EVERY = 16;

/**
 * All covers within a budget as a graph: a state per border and what is at work there, a step per way to cover the next layer. Nodes count by
 * their prices alone, so that one may be taken twice. Where nodes may give up layers, nobody begins or ends at one that is covered
 * without it: it would do as well, or better, a layer shorter. @returns states by border, without those on no such way; undefined where there are too many.
 */
export function sweepStates(
  space: SweepSpace,
  options: SweepOptions,
): readonly (readonly SweepState[])[] | undefined {
  const { mostStates, shouldStop, budget } = options;
  const { layers } = space;
  const levels = Array.from({ length: layers + 1 }, (): SweepState[] => []);
  const known = Array.from({ length: layers + 1 }, () => new Map<string, number>());
  const open = (active: readonly number[], from: number): SweepState => ({
    active,
    from,
    onward: Infinity,
    loads: Infinity,
    fewest: NONE,
    most: NONE,
    steps: [],
  });
  levels[0]!.push(open([], 0));
  const fills = space.starts.map((_, layer) => priceFills(space, layer));
  let count = 1;
  for (let layer = 0; layer < layers; layer++) {
    for (const [at, state] of levels[layer]!.entries()) {
      if (at % LOOK_EVERY === 0 && (shouldStop() || count > mostStates)) return undefined;
      listSteps(space, layer, state, { ...options, fills }, (active, step) => {
        const key = active.join();
        const next = levels[step.layer]!;
        const to = known[step.layer]!.get(key) ?? next.length;
        if (to === next.length) {
          count += 1;
          known[step.layer]!.set(key, to);
          next.push(open(active, Infinity));
        }
        state.steps.push({ ...step, to });
        next[to]!.from = Math.min(next[to]!.from, state.from + step.reduced);
      });
    }
    known[layer]!.clear();
  }
  lookBack(levels, space.nodes.length, budget);
  return levels;
}

const NONE = new Uint16Array(0);

/** From the last border to the first: what ways from each state to the end cost and use, without steps to where none within the budget leads. */
function lookBack(levels: readonly (readonly SweepState[])[], kinds: number, budget: number): void {
  const none = new Uint16Array(kinds);
  for (const last of levels.at(-1)!)
    Object.assign(last, { onward: 0, loads: 0, fewest: none, most: none });
  for (const states of levels.slice(0, -1).reverse()) {
    for (const state of states) {
      const nextOf = ({ layer, to }: SweepStep): SweepState => levels[layer]![to]!;
      state.steps = state.steps.filter(
        (step) => state.from + step.reduced + nextOf(step).onward <= budget,
      );
      if (state.steps.length === 0) continue;
      state.fewest = new Uint16Array(kinds).fill(MANY);
      state.most = new Uint16Array(kinds);
      for (const step of state.steps) {
        const next = nextOf(step);
        state.onward = Math.min(state.onward, step.reduced + next.onward);
        state.loads = Math.min(state.loads, step.loads + next.loads);
        const own = new Uint16Array(kinds);
        for (const { kind } of step.chosen) own[kind]! += 1;
        for (let kind = 0; kind < kinds; kind++) {
          state.fewest[kind] = Math.min(state.fewest[kind]!, own[kind]! + next.fewest[kind]!);
          state.most[kind] = Math.max(state.most[kind]!, own[kind]! + next.most[kind]!);
        }
      }
    }
  }
}

/** More nodes than there are. */
const MANY = 60_000;

/** Steps in which a lack is counted, rounded so that a fill is never too dear. */
const PARTS = 500;

/** By what a layer lacks, in parts of the floor: the least by which those who begin there cost more than they pay elsewhere. */
function priceFills({ spans, starts, paid }: SweepSpace, layer: number): Float64Array {
  const least = new Float64Array(PARTS + 1).fill(Infinity);
  least[0] = 0;
  for (const { span, reduced } of starts[layer]!) {
    const { share, rate } = spans[span]!;
    const parts = Math.ceil(share * PARTS);
    const cost = reduced[0]! + paid[layer]![rate]!;
    for (let lack = 1; lack <= PARTS; lack++)
      least[lack] = Math.min(least[lack]!, cost + least[Math.max(0, lack - parts)]!);
  }
  return least;
}

/** Every way to cover a layer after a state, within the budget. */
function listSteps(
  { layers, spans, starts, paid, asked }: SweepSpace,
  layer: number,
  { active, from }: SweepState,
  { budget, trims, fills }: SweepOptions & { readonly fills: readonly Float64Array[] },
  tell: (active: readonly number[], step: Omit<SweepStep, "to">) => void,
): void {
  const choices = starts[layer]!;
  const pays = paid[layer]!;
  const chosen: SweepChoice[] = [];
  /** The least that it costs more to cover a layer of which so much is covered and paid. */
  const dearerBy = (at: number, covered: number, payment: number): number => {
    const lack = Math.max(0, Math.floor((COVERED - covered) * PARTS));
    return Math.max(0, payment + fills[at]![lack]! - asked[at]!);
  };
  const finish = (reduced: number, loads: number, covered: number, payment: number): void => {
    let all = reduced + Math.max(0, payment - asked[layer]!);
    if (from + all > budget) return;
    let holding = [...active, ...chosen.map(({ span }) => span)];
    let next = layer + 1;
    // Who is at work goes on alone as long as that is enough.
    for (let share = covered; ; next++) {
      const needless = (span: number): boolean =>
        spans[span]!.end === next && share - spans[span]!.share >= COVERED;
      if (trims && holding.some(needless)) return;
      holding = holding.filter((span) => spans[span]!.end > next);
      if (next === layers) break;
      share = 0;
      let pay = 0;
      for (const span of holding) {
        share += spans[span]!.share;
        pay += paid[next]![spans[span]!.rate]!;
      }
      if (!trims || share < COVERED) {
        if (from + all + dearerBy(next, share, pay) > budget) return;
        break;
      }
      all += Math.max(0, pay - asked[next]!);
      if (from + all > budget) return;
    }
    tell(
      holding.sort((a, b) => a - b),
      { layer: next, reduced: all, loads, chosen: [...chosen] },
    );
  };
  const add = (
    first: number,
    times: number,
    reduced: number,
    loads: number,
    covered: number,
    payment: number,
  ): void => {
    if (covered >= COVERED) finish(reduced, loads, covered, payment);
    if (covered >= COVERED && trims) return;
    if (from + reduced + dearerBy(layer, covered, payment) > budget) return;
    for (let at = first; at < choices.length; at++) {
      const choice = choices[at]!;
      const taken = at === first ? times : 0;
      if (taken >= choice.reduced.length) continue;
      const dearer = reduced + choice.reduced[taken]!;
      if (from + dearer > budget) continue;
      const { share, rate } = spans[choice.span]!;
      const all = covered + share;
      if (trims && all >= COVERED && chosen.some(({ span }) => all - spans[span]!.share >= COVERED))
        continue;
      chosen.push(choice);
      add(at, taken + 1, dearer, loads + choice.loads[taken]!, all, payment + pays[rate]!);
      chosen.pop();
    }
  };
  const sum = (of: (span: number) => number): number =>
    active.reduce((total, span) => total + of(span), 0);
  const covers = sum((span) => spans[span]!.share);
  add(
    0,
    0,
    0,
    0,
    covers,
    sum((span) => pays[spans[span]!.rate]!),
  );
}
