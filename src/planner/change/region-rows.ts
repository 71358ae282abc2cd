import { linkBetween, type Cluster } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import type { RowSpec } from "../../math/lp/model-builder.js";
import { fewestLinks, listMixedRows, type MixedRun } from "./mixed-rows.js";

/** A column of the cover: nodes of a region that take an interval, each with so much of the floor. */
export interface RegionColumn {
  readonly region: number;
  readonly interval: LayerInterval;
  readonly share: number;
}

/** Regions through which tokens go, as bits: 1 << its place among the regions that have columns; {@link MIXED}: two or more. */
export type RegionSet = number;

/** Two regions or more, whichever, and maybe others from layer to layer. */
export const MIXED: RegionSet = 0;

/** At a border other regions compute than before. */
export interface Change {
  readonly border: number;
  readonly before: RegionSet;
  readonly after: RegionSet;
}

/** What a cover must keep besides, once it is known which regions compute a layer. */
export interface RegionRows {
  /** The program, whose rows of a layer hold for the nodes alone that compute it. */
  readonly cover: LinearModel;
  /** By row the layer, where it is of one. */
  readonly layerOf: readonly (number | undefined)[];
  /** By column its region, as a set. */
  readonly bits: readonly RegionSet[];
  readonly layers: number;
  /** All sets of regions that there are, without {@link MIXED}. */
  readonly sets: readonly RegionSet[];
  /** The set of these regions of the cluster. */
  readonly setOf: (regions: Iterable<number>) => RegionSet;
  /** Rows of a layer that these regions compute, and no other, beside those of the program. */
  readonly ofLayer: (layer: number, set: RegionSet) => readonly RowSpec[];
  /** Rows of a border; undefined where no link leads there. */
  readonly ofChange: (change: Change) => readonly RowSpec[] | undefined;
  /** Rows of a border behind which whichever others compute than these before. */
  readonly ofLeaving: (border: number, before: RegionSet) => readonly RowSpec[];
  /** Rows of layers in a row that several regions compute; undefined where no link leads there. */
  readonly ofMixed: (run: MixedRun) => readonly RowSpec[] | undefined;
}

export interface RegionRowOptions {
  /** Tokens/s. */
  readonly floor: number;
  /** Of the floor, by which solvers may be wrong. */
  readonly slack: number;
  /** The program of the cover: rows of layers first, then others. */
  readonly model: LinearModel;
  readonly columns: readonly RegionColumn[];
  /** By row the layer, where it holds for whatever covers that. */
  readonly layerOf: readonly (number | undefined)[];
}

/** There are two sets for one region more. */
const MOST_REGIONS = 6;

/**
 * Rows that the cover has once it is known between which regions tokens go where; undefined where every link between
 * regions carries the floor. A layer that some regions compute is covered by their nodes alone, and each of them holds it. At a border behind
 * which other regions compute, each region that is left has a node that ends there, and each that is new is sent to by one that ends there.
 * Where none of them goes on, those that end pass all of the floor, and of E that end and N that hold what follows at most
 * link · E · N crosses. Where several regions compute and it is left open which, two at least hold the layer, and what they compute crossed
 * between them, see {@link listMixedRows}.
 */
export function listRegionRows(
  cluster: Cluster,
  options: RegionRowOptions,
): RegionRows | undefined {
  const { floor, slack, model, columns } = options;
  const regions = [...new Set(columns.map(({ region }) => region))].sort((a, b) => a - b);
  const links = regions.map((from) => regions.map((to) => bestLink(cluster, from, to) / floor));
  const thin = links.some((row, g) => row.some((link, h) => g !== h && link < 1));
  if (regions.length > MOST_REGIONS || regions.length < 2 || !thin) return undefined;
  const { layers } = cluster.model;
  const all = 2 ** regions.length - 1;
  const bits = columns.map(({ region }) => 1 << regions.indexOf(region));
  const sizes = regions.map((each) => cluster.nodes.filter((n) => n.region === each).length);
  const lists = listByBorder(columns, layers);
  const placesOf = (set: RegionSet): number[] => [...regions.keys()].filter((g) => set & (1 << g));
  const within = (list: readonly number[], set: RegionSet): number[] =>
    list.filter((at) => bits[at]! & set);
  const atLeast = (
    lower: number,
    list: readonly number[],
    weigh: (at: number) => number = () => 1,
  ): RowSpec => ({ lower, upper: Infinity, entries: [list, list.map(weigh)] });

  const count = (set: RegionSet): number => placesOf(set).reduce((sum, g) => sum + sizes[g]!, 0);
  const mostBetween = (from: RegionSet, to: RegionSet): number =>
    Math.max(...placesOf(from).flatMap((g) => placesOf(to).map((h) => links[g]![h]!)));
  const linkBetween = (from: RegionSet, to: RegionSet) => ({
    link: mostBetween(from, to) * (1 + slack),
    ending: count(from),
    holding: count(to),
  });

  return {
    cover: model,
    layerOf: options.layerOf,
    bits,
    layers,
    sets: Array.from({ length: all }, (_, at) => at + 1),
    setOf: (some) => [...some].reduce((set, region) => set | (1 << regions.indexOf(region)), 0),
    ofLayer: (layer, set) => {
      const holding = lists.holding[layer]!;
      if (set === MIXED)
        return [
          atLeast(2, holding),
          ...regions.map((_, g) => atLeast(1, within(holding, all & ~(1 << g)))),
        ];
      const each = placesOf(set).map((g) => atLeast(1, within(holding, 1 << g)));
      return each.length > 1 ? each : [];
    },
    ofChange: ({ border, before, after }) => {
      const ending = lists.ending[border]!;
      if (after === MIXED) return [atLeast(1, within(ending, before))];
      if (before === MIXED) return [atLeast(1, within(ending, all & ~after))];
      const linked = (from: number, to: number): boolean => links[from]![to]! > 0;
      const rows = placesOf(before & ~after).map((g) => atLeast(1, within(ending, 1 << g)));
      for (const h of placesOf(after & ~before)) {
        const from = placesOf(before).filter((g) => linked(g, h));
        if (from.length === 0) return undefined;
        rows.push(
          atLeast(
            1,
            from.flatMap((g) => within(ending, 1 << g)),
          ),
        );
      }
      if (before & after) return rows;
      const { link, ...most } = linkBetween(before, after);
      const least = fewestLinks(link, most.ending, most.holding);
      if (least === undefined) return undefined;
      const [out, into] = [within(ending, before), within(lists.holding[border]!, after)];
      const passes = (at: number): number => Math.min(1, columns[at]!.share, link * most.holding);
      return [
        ...rows,
        atLeast(1 - slack, out, passes),
        atLeast(least.ending, out),
        atLeast(least.holding, into),
        atLeast(least.both, [...out, ...into]),
      ];
    },
    ofLeaving: (border, before) =>
      before === MIXED || (before & (before - 1)) !== 0
        ? []
        : [atLeast(1, within(lists.ending[border]!, before))],
    ofMixed: memoize((run) => listMixedRows(run, { columns, bits, slack, linkBetween, all })),
  };
}

/** Tokens/s over the best link from a node of one region to one of another. */
export function bestLink(cluster: Cluster, from: number, to: number): number {
  const { nodes, model } = cluster;
  const of = (region: number): readonly number[] =>
    [...nodes.keys()].filter((node) => nodes[node]!.region === region);
  let best = 0;
  for (const a of of(from))
    for (const b of of(to))
      best = Math.max(best, linkBetween(cluster, a, b)?.bandwidthBytesPerSecond ?? 0);
  return best / model.activationBytes;
}

/** The columns that end at each border, and those that hold each layer. */
function listByBorder(
  columns: readonly RegionColumn[],
  layers: number,
): {
  readonly ending: readonly (readonly number[])[];
  readonly holding: readonly (readonly number[])[];
} {
  const empty = (): number[][] => Array.from({ length: layers + 1 }, (): number[] => []);
  const [ending, holding] = [empty(), empty()];
  columns.forEach(({ interval: [start, end] }, at) => {
    ending[end]!.push(at);
    for (let layer = start; layer < end; layer++) holding[layer]!.push(at);
  });
  return { ending, holding };
}

/** Many branches ask for rows of one and the same run. */
function memoize<T>(of: (run: MixedRun) => T): (run: MixedRun) => T {
  const known = new Map<string, T>();
  return (run) => {
    const key = `${run.from} ${run.to} ${run.before} ${run.after}`;
    if (!known.has(key)) known.set(key, of(run));
    return known.get(key)!;
  };
}
