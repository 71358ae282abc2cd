import { linkBetween, type Cluster } from "../../core/cluster.js";
import type { LayerInterval } from "../../core/placement.js";
import type { ModelBuilder } from "../../math/lp/model-builder.js";

/** A column of the cover: nodes of a region that take an interval, each with so much of the floor. */
export interface RegionColumn {
  readonly region: number;
  readonly interval: LayerInterval;
  readonly share: number;
}

/** Above this many regions the rows would be more than all others together. */
const MOST_REGIONS = 6;

/**
 * What the links between regions let through, as rows over the columns that the builder has. The floor is scaled to 1:
 * what each region computes of it at each layer, and what goes from one to another at each border. Tokens leave a region by
 * nodes that end at the border, go to nodes that hold the layer behind it, and between two of these no more than the best link
 * of the two regions carries. So of E nodes that end and N that hold at most min(1, link · E · N) crosses, of
 * which these rows say what is linear. Nothing is added where each such link carries the floor.
 */
export function addRegionRows(
  builder: ModelBuilder,
  cluster: Cluster,
  columns: readonly RegionColumn[],
  { floor, slack }: { readonly floor: number; readonly slack: number },
): readonly (readonly number[])[] {
  const regions = [...new Set(columns.map(({ region }) => region))].sort((a, b) => a - b);
  const links = regions.map((from) => regions.map((to) => bestLink(cluster, from, to) / floor));
  const thin = links.some((row, g) => row.some((link, h) => g !== h && link < 1));
  if (regions.length > MOST_REGIONS || !thin) return [];
  const { layers } = cluster.model;
  const least = { lower: -slack, upper: Infinity };
  const real = { lower: 0, upper: 1, cost: 0 };
  const column = (): number => builder.addColumn(real);
  const lists = listByBorder(columns, regions, layers);
  const sizes = regions.map((each) => cluster.nodes.filter((n) => n.region === each).length);
  /** Σ terms ≥ what is subtracted, both as [column, weight]. */
  const keep = (terms: readonly Term[]): void => {
    builder.addRow({ ...least, entries: [terms.map(([at]) => at), terms.map(([, by]) => by)] });
  };
  const shares = (list: readonly number[], most: number): Term[] =>
    list.map((at) => [at, Math.min(most, columns[at]!.share)]);
  const times = (list: readonly number[], by: number): Term[] => list.map((at) => [at, by]);

  const anyCrosses = Array.from({ length: layers }, (): number[] => []);
  let before: readonly number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const computed = regions.map(column);
    builder.addRow({ lower: 1, upper: 1, entries: [computed, computed.map(() => 1)] });
    computed.forEach((at, g) => keep([...shares(lists.holding[g]![layer]!, 1), [at, -1]]));
    if (layer > 0) crossBorder(layer, before, computed);
    before = computed;
  }
  return anyCrosses;

  function crossBorder(border: number, left: readonly number[], right: readonly number[]): void {
    const crossing = links.map((row, g) =>
      row.map((link, h) => (g !== h && link > 0 ? column() : -1)),
    );
    regions.forEach((_, g) => {
      const out = crossing[g]!.filter((at) => at >= 0);
      const into = crossing.map((row) => row[g]!).filter((at) => at >= 0);
      const terms: Term[] = [[right[g]!, 1], [left[g]!, -1], ...times(out, 1), ...times(into, -1)];
      builder.addRow({
        lower: 0,
        upper: 0,
        entries: [terms.map(([at]) => at), terms.map(([, by]) => by)],
      });
      const ending = lists.ending[g]![border]!;
      keep([...shares(ending, 1), ...times(out, -1)]);
      crossing[g]!.forEach((at, h) => {
        const link = links[g]![h]!;
        if (at < 0 || link >= 1) return;
        const holding = lists.holding[h]![border]!;
        keep([...shares(holding, link * sizes[g]!), [at, -1]]);
        keep([...shares(ending, link * sizes[h]!), [at, -1]]);
        const { one, both } = slopes(link, sizes[g]!, sizes[h]!);
        keep([...times(ending, both), ...times(holding, both), [at, -1]]);
        // Whether anything crosses: then one node at least ends, and one holds.
        const any = builder.addColumn({ ...real, integer: true });
        anyCrosses[border]!.push(any);
        keep([
          [any, 1],
          [at, -1],
        ]);
        keep([...times(ending, 1), [any, -1]]);
        keep([...times(holding, 1), [any, -1]]);
        keep([...times(ending, one), ...times(holding, one), [any, -one], [at, -1]]);
      });
    });
  }
}

type Term = readonly [column: number, weight: number];

/** The least slopes with min(1, link · E · N) ≤ both · (E + N), and ≤ one · (E + N − 1), for whole E, N ≥ 1. */
function slopes(
  link: number,
  mostEnding: number,
  mostHolding: number,
): { readonly one: number; readonly both: number } {
  let [one, both] = [0, 0];
  for (let ending = 1; ending <= mostEnding; ending++) {
    for (let holding = 1; holding <= mostHolding; holding++) {
      const most = Math.min(1, link * ending * holding);
      one = Math.max(one, most / (ending + holding - 1));
      both = Math.max(both, most / (ending + holding));
    }
  }
  return { one, both };
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

/** By region and border, the columns that end there, and those that hold the layer behind it. */
function listByBorder(
  columns: readonly RegionColumn[],
  regions: readonly number[],
  layers: number,
): {
  readonly ending: readonly (readonly (readonly number[])[])[];
  readonly holding: readonly (readonly (readonly number[])[])[];
} {
  const empty = (): number[][][] =>
    regions.map(() => Array.from({ length: layers + 1 }, (): number[] => []));
  const [ending, holding] = [empty(), empty()];
  columns.forEach(({ region, interval: [start, end] }, at) => {
    const g = regions.indexOf(region);
    ending[g]![end]!.push(at);
    for (let layer = start; layer < end; layer++) holding[g]![layer]!.push(at);
  });
  return { ending, holding };
}
