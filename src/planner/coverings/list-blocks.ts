import type { Border, CoverGraph, CoverStep, PricedItem } from "./cover-graph.js";

/** Intervals that cover consecutive layers from one clean border to the next (or to the model's end). */
export interface CoverBlock {
  readonly layers: number;
  /** Nodes by class. */
  readonly usage: Uint16Array;
  /** Whether intervals reach past its last layer: it can only stand at the end of the model. */
  readonly last: boolean;
  readonly waste: number;
  /** Every interval: item, and its first layer within the block. */
  readonly intervals: () => readonly (readonly [item: number, start: number])[];
}

export interface BlockLimits {
  /** Nodes of each class. */
  readonly supplies: readonly number[];
  readonly layers: number;
  readonly budget: number;
  /** Whether to list blocks that only the end of the model can have. */
  readonly endings: boolean;
  readonly stateLimit: number;
  readonly shouldStop: () => boolean;
}

export interface BlockList {
  readonly blocks: readonly CoverBlock[];
  /** Every block within the budget is listed, up to equal layers and usage. */
  readonly complete: boolean;
}

interface State {
  readonly border: Border;
  readonly usage: Uint16Array;
  readonly waste: number;
  readonly parent: State | undefined;
  readonly step: CoverStep | undefined;
}

/**
 * The blocks of a cover graph that the node counts allow, one per (layers, usage). Forward over
 * layers; states with equal border and usage are one. O(states · steps per border).
 */
export function listBlocks(
  graph: CoverGraph,
  items: readonly PricedItem[],
  limits: BlockLimits,
): BlockList {
  const { supplies, layers, budget, endings } = limits;
  const borderIds = new Map<Border, number>();
  const idOf = (border: Border): number => {
    const id = borderIds.get(border) ?? borderIds.size;
    borderIds.set(border, id);
    return id;
  };
  const byLength: Map<string, State>[] = Array.from({ length: layers + 1 }, () => new Map());
  const found = new Map<string, CoverBlock>();
  let states = 0;
  const keep = (state: State, length: number, last: boolean): void => {
    const key = `${length}${last ? "+" : "|"}${state.usage.join()}`;
    if (found.has(key) || (last && found.has(`${length}|${state.usage.join()}`))) return;
    const intervals = (): readonly (readonly [number, number])[] => traceIntervals(state, length);
    const waste = state.waste + (last ? state.border.leftover : 0);
    found.set(key, { layers: length, usage: state.usage, last, waste, intervals });
  };

  byLength[0]!.set("", {
    border: graph.clean,
    usage: new Uint16Array(supplies.length),
    waste: 0,
    parent: undefined,
    step: undefined,
  });
  for (let length = 0; length < layers; length++) {
    for (const state of byLength[length]!.values()) {
      if (++states > limits.stateLimit || (states % 512 === 0 && limits.shouldStop()))
        return { blocks: [...found.values()], complete: false };
      for (const step of state.border.steps) {
        const { to } = step;
        const waste = state.waste + step.waste;
        if (waste + (endings ? to.endAfter : to.cleanAfter) > budget) continue;
        const usage = addUsage(state.usage, step.started, items, supplies);
        if (usage === undefined) continue;
        const reached = length + step.layers;
        const next: State = { border: to, usage, waste, parent: state, step };
        if (to === graph.clean) {
          if (reached <= layers || endings) keep(next, Math.min(reached, layers), reached > layers);
          continue;
        }
        if (endings && waste + to.leftover <= budget) keep(next, Math.min(reached, layers), true);
        if (reached >= layers) continue;
        const key = `${idOf(to)}|${usage.join()}`;
        const known = byLength[reached]!.get(key);
        if (known === undefined || known.waste > waste) byLength[reached]!.set(key, next);
      }
    }
    byLength[length]!.clear();
  }
  return { blocks: [...found.values()], complete: graph.complete };
}

function addUsage(
  usage: Uint16Array,
  started: readonly number[],
  items: readonly PricedItem[],
  supplies: readonly number[],
): Uint16Array | undefined {
  const sum = usage.slice();
  for (const item of started) {
    const { machineClass } = items[item]!;
    if (++sum[machineClass]! > supplies[machineClass]!) return undefined;
  }
  return sum;
}

function traceIntervals(last: State, length: number): readonly (readonly [number, number])[] {
  const steps: CoverStep[] = [];
  for (let state: State | undefined = last; state?.step !== undefined; state = state.parent)
    steps.push(state.step);
  const intervals: [number, number][] = [];
  let start = 0;
  for (const step of steps.reverse()) {
    for (const item of step.started) intervals.push([item, start]);
    start += step.layers;
  }
  return intervals.filter(([, begin]) => begin < length);
}
