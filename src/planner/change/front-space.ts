import type { Cluster } from "../../core/cluster.js";
import { ROUNDING } from "./cover-model.js";
import type { Merged } from "./merge-alike.js";
import { bestLink } from "./region-rows.js";

/** Nodes that may begin at a layer: one of a column of the cover. */
export interface FrontChoice {
  readonly column: number;
  readonly start: number;
  readonly end: number;
  /** Its place among the regions that have columns. */
  readonly region: number;
  /** Of the floor, one at most. */
  readonly share: number;
  /** In layers of the largest kind. */
  readonly cost: number;
  /** What it uses one of each. */
  readonly uses: readonly number[];
}

/** What there is to cover layers with, from the first layer to the last. */
export interface FrontSpace {
  readonly layers: number;
  /** By first layer. */
  readonly starts: readonly (readonly FrontChoice[])[];
  /** How much there is of each thing that choices use: nodes of a kind, nodes that hold the same. */
  readonly amounts: Uint8Array;
  /** By thing the last layer at which something that uses it begins. */
  readonly lastUse: readonly number[];
  /** From region to region, and within one, the most that one link carries, of the floor. */
  readonly links: readonly (readonly number[])[];
}

/** More nodes of a kind than this are not counted in a byte. */
const MOST_OF_A_KIND = 255;

/** Undefined where there are more nodes of a kind than are counted. */
export function listFrontSpace(
  cluster: Cluster,
  floor: number,
  { model, columns }: Pick<Merged, "model" | "columns">,
): FrontSpace | undefined {
  const { layers } = cluster.model;
  const uses = columns.map((): number[] => []);
  const things = model.rowCount - layers;
  const amounts = new Uint8Array(things);
  const lastUse = Array<number>(things).fill(-1);
  for (let thing = 0; thing < things; thing++) {
    const upper = model.rowUpper[layers + thing]!;
    if (upper > MOST_OF_A_KIND) return undefined;
    amounts[thing] = upper;
    for (let at = model.rowStart[layers + thing]!; at < model.rowStart[layers + thing + 1]!; at++) {
      const column = model.columnIndex[at]!;
      uses[column]!.push(thing);
      lastUse[thing] = Math.max(lastUse[thing]!, columns[column]!.interval[0]);
    }
  }
  const regions = [...new Set(columns.map(({ region }) => region))].sort((a, b) => a - b);
  const starts = Array.from({ length: layers }, (): FrontChoice[] => []);
  columns.forEach(({ interval: [start, end], region, share }, column) =>
    starts[start]!.push({
      column,
      start,
      end,
      region: regions.indexOf(region),
      share,
      cost: model.cost[column]!,
      uses: uses[column]!,
    }),
  );
  const links = regions.map((from) =>
    regions.map((to) => Math.min(1, (bestLink(cluster, from, to) / floor) * (1 + ROUNDING))),
  );
  return { layers, starts, amounts, lastUse, links };
}
