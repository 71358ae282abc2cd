import type { LayerInterval } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import { ROUNDING, type CoverColumn } from "./cover-model.js";

/** A node that is at work from some layer on until a border, whichever it is: what it computes there and where. */
export interface Span {
  readonly end: number;
  /** Of the floor. */
  readonly share: number;
  /** Which of the shares that there are. */
  readonly rate: number;
}

/** Nodes of a kind that may take an interval. */
export interface SweepChoice {
  readonly span: number;
  readonly kind: number;
  readonly interval: LayerInterval;
  readonly machine: number;
  /** Where it spares loading what a node holds: bits of the nodes that hold it, one of which it takes; else 0. */
  readonly homes: number;
  /** By which the first, the second … of them costs more than layers pay for it, at least; rising. */
  readonly reduced: readonly number[];
  /** Layers of the largest kind that the first, the second … loads at least; rising. */
  readonly loads: readonly number[];
}

/** A cover layer by layer, at prices of layers and of nodes. */
export interface SweepSpace {
  readonly layers: number;
  /** No cover costs less, whatever is used. */
  readonly base: number;
  /** What a layer must be paid, and what a node of each share pays there. */
  readonly asked: Float64Array;
  readonly paid: readonly Float64Array[];
  readonly spans: readonly Span[];
  /** By first layer, fastest first. */
  readonly starts: readonly (readonly SweepChoice[])[];
  /** Nodes of each kind. */
  readonly nodes: readonly number[];
  /** By layer: bits of the nodes that count there as they did at the layer before. Elsewhere others use the same bits. */
  readonly lasting: Int32Array;
}

export interface SweepSpaceOptions {
  /** The program of the cover: rows of layers first, then others, each from below; of classes from above. */
  readonly model: LinearModel;
  readonly columns: readonly CoverColumn[];
  /** By row the layer, where it holds for whatever covers that. */
  readonly layerOf: readonly (number | undefined)[];
  /** Of the rows, by a solver: any are right, good ones prove more. */
  readonly duals: Float64Array;
  readonly layers: number;
  /** What is dearer by this than layers pay for it is left out. */
  readonly spare: number;
}

/** Prices of a program of a cover, by which each layer is paid by whatever whole nodes cover it, and each column pays what it covers. */
export function listSweepSpace(options: SweepSpaceOptions): SweepSpace {
  const { model, columns, layerOf, duals, layers } = options;
  const shares = [...new Set(columns.map(({ share }) => share))].sort((a, b) => b - a);
  const places = new Map(shares.map((share, at) => [share, at]));
  const rates = columns.map(({ share }) => places.get(share)!);
  const asked = new Float64Array(layers);
  const paid = Array.from({ length: layers }, () => new Float64Array(shares.length));
  /** What being in one place costs a node of each column. */
  const held = new Float64Array(columns.length);
  let base = 0;
  for (let row = 0; row < model.rowCount; row++) {
    const layer = layerOf[row];
    const [from, to] = [model.rowStart[row]!, model.rowStart[row + 1]!];
    if (layer === undefined) {
      const price = Math.max(0, -duals[row]!);
      base -= price * model.rowUpper[row]!;
      for (let at = from; at < to; at++) held[model.columnIndex[at]!]! += price * model.value[at]!;
      continue;
    }
    const price = Math.max(0, duals[row]!);
    if (price === 0) continue;
    asked[layer]! += price * model.rowLower[row]!;
    const seen = new Uint8Array(shares.length);
    for (let at = from; at < to; at++) {
      const rate = rates[model.columnIndex[at]!]!;
      if (seen[rate] === 1) continue;
      seen[rate] = 1;
      paid[layer]![rate]! += price * model.value[at]!;
    }
  }
  base += asked.reduce((sum, each) => sum + each, 0);
  const reduced = columns.map(({ interval: [start, end] }, column) => {
    let cost = model.cost[column]! + held[column]!;
    for (let layer = start; layer < end; layer++) cost -= paid[layer]![rates[column]!]!;
    return cost;
  });
  // Solvers may be wrong by a little; each node is in one column.
  const wrong = reduced.reduce((most, cost) => Math.max(most, -cost), 0);
  const sizes = model.rowUpper.filter((_, row) => layerOf[row] === undefined);
  base -= wrong * sizes.reduce((sum, size) => sum + size, 0);
  return {
    layers,
    base: base - ROUNDING,
    asked,
    paid,
    ...listChoices(options, { rates, reduced, sizes }),
  };
}

function listChoices(
  { model, columns, layers, spare }: SweepSpaceOptions,
  facts: {
    readonly rates: readonly number[];
    readonly reduced: readonly number[];
    readonly sizes: Float64Array;
  },
): Pick<SweepSpace, "spans" | "starts" | "nodes" | "lasting"> {
  const { rates, reduced, sizes } = facts;
  const { nodes, kinds } = countKinds(columns, sizes);
  const dearest = new Map<string, number>();
  columns.forEach(({ interval }, column) => {
    const key = interval.join();
    dearest.set(key, Math.max(dearest.get(key) ?? 0, model.cost[column]!));
  });
  const near = [...columns.keys()].filter((column) => reduced[column]! <= spare);
  const isHome = (column: number): boolean =>
    model.cost[column]! < dearest.get(columns[column]!.interval.join())!;
  const { homes, lasting } = listHomes(columns, near.filter(isHome), sizes, layers);
  const spans: Span[] = [];
  const known = new Map<string, number>();
  const choices = new Map<string, Mutable>();
  for (const column of near) {
    const { interval, share, group, machine } = columns[column]!;
    const rate = rates[column]!;
    const spanned = `${rate} ${interval[1]}`;
    const span = known.get(spanned) ?? spans.length;
    if (span === spans.length) spans.push({ end: interval[1], share, rate });
    known.set(spanned, span);
    const kind = kinds[column]!;
    const home = isHome(column);
    const key = `${kind} ${interval.join()} ${rate} ${home ? group : "any"}`;
    const choice = choices.get(key) ?? {
      span,
      kind,
      machine,
      interval,
      homes: home ? (homes.get(group) ?? 0) : 0,
      reduced: [],
      loads: [],
    };
    choices.set(key, choice);
    for (let node = 0; node < sizes[group]!; node++) {
      choice.reduced.push(Math.max(0, reduced[column]!));
      choice.loads.push(model.cost[column]!);
    }
  }
  const starts = Array.from({ length: layers }, (): SweepChoice[] => []);
  for (const choice of choices.values()) {
    choice.reduced.sort((a, b) => a - b);
    choice.loads.sort((a, b) => a - b);
    starts[choice.interval[0]]!.push(choice);
  }
  for (const own of starts) own.sort((a, b) => spans[a.span]!.rate - spans[b.span]!.rate);
  return { spans, starts, nodes, lasting };
}

type Mutable = SweepChoice & { reduced: number[]; loads: number[] };

/** The kind of each column, and how many nodes of each there are. */
function countKinds(
  columns: readonly CoverColumn[],
  sizes: Float64Array,
): { readonly nodes: readonly number[]; readonly kinds: readonly number[] } {
  const places = new Map<number, number>();
  const nodes: number[] = [];
  const counted = new Set<number>();
  const kinds = columns.map(({ machine, group }) => {
    const kind = places.get(machine) ?? places.size;
    places.set(machine, kind);
    if (!counted.has(group)) nodes[kind] = (nodes[kind] ?? 0) + sizes[group]!;
    counted.add(group);
    return kind;
  });
  return { nodes, kinds };
}

const BITS = 31;

/** A bit for each node that holds something, from the first to the last layer at which it could begin and spare that; none where bits are out. */
function listHomes(
  columns: readonly CoverColumn[],
  home: readonly number[],
  sizes: Float64Array,
  layers: number,
): { readonly homes: ReadonlyMap<number, number>; readonly lasting: Int32Array } {
  const taken = new Int32Array(layers + 1);
  const lasting = new Int32Array(layers + 1);
  const ranges = new Map<number, [first: number, last: number]>();
  for (const column of home) {
    const { group, interval } = columns[column]!;
    const range = ranges.get(group) ?? [layers, 0];
    ranges.set(group, [Math.min(range[0], interval[0]), Math.max(range[1], interval[0])]);
  }
  const homes = new Map<number, number>();
  for (const [group, [first, last]] of [...ranges].sort((a, b) => a[1][0] - b[1][0])) {
    let others = 0;
    for (let layer = first; layer <= last; layer++) others |= taken[layer]!;
    let bits = 0;
    for (let bit = 0, left = sizes[group]!; bit < BITS && left > 0; bit++) {
      if ((others & (1 << bit)) !== 0) continue;
      bits |= 1 << bit;
      left -= 1;
      if (left === 0) homes.set(group, bits);
    }
    if (!homes.has(group)) continue;
    for (let layer = first; layer <= last; layer++) {
      taken[layer]! |= bits;
      if (layer > first) lasting[layer]! |= bits;
    }
  }
  return { homes, lasting };
}
