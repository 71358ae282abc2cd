import { computeReducedCosts } from "../../math/lp/dual-bound.js";
import type { LinearModel } from "../../math/lp/linear-model.js";
import { createModelBuilder } from "../../math/lp/model-builder.js";
import { appendRows, type Tightened } from "./cover-cuts.js";
import type { CoverColumn, CoverModel } from "./cover-model.js";

/** The relaxation of a cover with fewer columns. */
export interface Merged {
  readonly model: LinearModel;
  /** What its columns stand for; `group` and `machine` are those of one of the classes that share it. */
  readonly columns: readonly CoverColumn[];
  /** A whole solution in the columns of the cover itself, at no higher cost. */
  readonly spread: (values: Float64Array) => Float64Array;
  /** The same rows and prices for the program of the cover itself. */
  readonly expand: (tightened: Tightened) => Tightened;
}

/**
 * Nodes of a kind differ in what they hold, and most intervals cost all of them the same. So there is a column for each kind and
 * interval, and others for the nodes alone that load less for it; a row for each kind, and one for each class of nodes that load less
 * somewhere. Fractions of these columns are fractions of the cover's own that cost as much, and the other way round.
 * @param layers how many of the model's rows are layers; those of its classes follow.
 */
export function mergeAlike({ model, columns }: CoverModel, layers: number): Merged {
  const kinds = listKinds(columns, model.rowCount - layers);
  const sizes: number[] = [];
  kinds.forEach((kind, group) => {
    sizes[kind] = (sizes[kind] ?? 0) + model.rowUpper[layers + group]!;
  });
  const builder = createModelBuilder("minimize");
  for (let row = 0; row < layers; row++)
    builder.addRow({ lower: model.rowLower[row]!, upper: model.rowUpper[row]! });
  const kindRows = sizes.map((upper) => builder.addRow({ lower: 0, upper }));
  const homeRows = new Map<number, number>();
  const entries = listEntries(model, layers);
  const members = listMembers(columns, kinds, model.cost);
  for (const { home, own } of members) {
    const first = own[0]!;
    const { group } = columns[first]!;
    const kind = kinds[group]!;
    const upper = home ? model.rowUpper[layers + group]! : sizes[kind]!;
    const rows = [...entries[first]!.rows, kindRows[kind]!];
    const values = [...entries[first]!.values, 1];
    if (home) {
      const row = homeRows.get(group) ?? builder.addRow({ lower: 0, upper });
      homeRows.set(group, row);
      rows.push(row);
      values.push(1);
    }
    const cost = model.cost[first]!;
    builder.addColumn({ lower: 0, upper, cost, integer: true, entries: [rows, values] });
  }
  const merged = builder.build();
  return {
    model: merged,
    columns: members.map(({ own }) => columns[own[0]!]!),
    spread: (values) => spread(values, members, columns, model.rowUpper.subarray(layers)),
    expand: ({ model: tight, relaxed, cut }) => {
      const whole = appendRows(
        model,
        cut.map((_, at) => expandRow(tight, merged.rowCount + at, members)),
      );
      const { rowDuals, columns: _, ...rest } = relaxed;
      if (rowDuals === undefined) return { model: whole, relaxed: rest, cut };
      const ofGroups = kinds.map((kind, group) => {
        const home = homeRows.get(group);
        return rowDuals[kindRows[kind]!]! + (home === undefined ? 0 : rowDuals[home]!);
      });
      const duals = Float64Array.from([
        ...rowDuals.subarray(0, layers),
        ...ofGroups,
        ...rowDuals.subarray(merged.rowCount),
      ]);
      const reducedCosts = computeReducedCosts(whole, duals);
      return { model: whole, relaxed: { ...rest, rowDuals: duals, reducedCosts }, cut };
    },
  };
}

/** Who loads less for an interval takes it first; the others go to nodes that are left, of whichever class. */
function spread(
  values: Float64Array,
  members: readonly Members[],
  columns: readonly CoverColumn[],
  sizes: Float64Array,
): Float64Array {
  const left = sizes.slice();
  const whole = new Float64Array(columns.length);
  const give = (own: readonly number[], nodes: number): void => {
    for (const column of own) {
      const given = Math.min(nodes, left[columns[column]!.group]!);
      whole[column]! += given;
      left[columns[column]!.group]! -= given;
      nodes -= given;
    }
  };
  const inOrder = [...members.keys()].sort(
    (a, b) => Number(members[b]!.home) - Number(members[a]!.home),
  );
  for (const at of inOrder) {
    const { own, less } = members[at]!;
    give([...own, ...less], Math.round(values[at]!));
  }
  return whole;
}

/** By class its kind: those of a machine type and region that may take the same intervals. */
function listKinds(columns: readonly CoverColumn[], groups: number): readonly number[] {
  const keys = Array<string>(groups).fill("");
  for (const { machine, region, group, interval, share } of columns)
    keys[group] = `${keys[group]! || `${machine} ${region}`} ${interval.join()} ${share}`;
  const kinds = new Map<string, number>();
  return keys.map((key) => {
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    return kind;
  });
}

/** Columns of a cover for which one stands: of one class that loads less than another of its kind, or of all the others. */
interface Members {
  readonly home: boolean;
  readonly own: number[];
  /** Of those that load less for the same interval, where nodes of all the others have other places. */
  readonly less: number[];
}

function listMembers(
  columns: readonly CoverColumn[],
  kinds: readonly number[],
  costs: Float64Array,
): readonly Members[] {
  const keys = columns.map(({ group, interval }) => `${kinds[group]!} ${interval.join()}`);
  const dearest = new Map<string, number>();
  keys.forEach((key, column) => dearest.set(key, Math.max(dearest.get(key) ?? 0, costs[column]!)));
  const common = new Map<string, Members>();
  const members: Members[] = [];
  keys.forEach((key, column) => {
    const home = costs[column]! < dearest.get(key)!;
    const known = home ? undefined : common.get(key);
    if (known !== undefined) {
      known.own.push(column);
      return;
    }
    const one = { home, own: [column], less: [] };
    members.push(one);
    if (!home) common.set(key, one);
  });
  for (const { home, own } of members) if (home) common.get(keys[own[0]!]!)?.less.push(own[0]!);
  return members;
}

/** By column its entries in the rows of layers. */
function listEntries(
  { columnCount, rowStart, columnIndex, value }: LinearModel,
  layers: number,
): readonly { readonly rows: number[]; readonly values: number[] }[] {
  const entries = Array.from({ length: columnCount }, () => ({
    rows: [] as number[],
    values: [] as number[],
  }));
  for (let row = 0; row < layers; row++)
    for (let at = rowStart[row]!; at < rowStart[row + 1]!; at++) {
      entries[columnIndex[at]!]!.rows.push(row);
      entries[columnIndex[at]!]!.values.push(value[at]!);
    }
  return entries;
}

/** A row with all columns that those in it stand for. */
function expandRow(
  { rowStart, columnIndex, value }: LinearModel,
  row: number,
  members: readonly Members[],
): readonly [number[], number[]] {
  const columns: number[] = [];
  const values: number[] = [];
  for (let at = rowStart[row]!; at < rowStart[row + 1]!; at++)
    for (const column of members[columnIndex[at]!]!.own) {
      columns.push(column);
      values.push(value[at]!);
    }
  return [columns, values];
}
