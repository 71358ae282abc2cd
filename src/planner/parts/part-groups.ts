import type { Cluster } from "../../core/cluster.js";
import { fillRow, type CardRow, type Partition } from "../../core/parting.js";
import {
  groupMachines,
  listOptions,
  type MachineClass,
  type PatternGroup,
} from "../problem/machine-classes.js";

/** Rows of cards that are shared out alike, wherever they are. */
export interface RowGroup extends PatternGroup {
  /** Box and row of each. Length `machines`. */
  readonly rows: readonly (readonly [box: number, row: number])[];
  /** The same patterns by degrees, descending. */
  readonly degrees: readonly (readonly number[])[];
}

/** A cluster before its cards are shared out, as models see it that count nodes. */
export interface PartClasses {
  readonly classes: readonly MachineClass[];
  readonly groups: readonly RowGroup[];
}

/** Patterns of one row that are listed; a rack of cards by small degrees has more. */
const MOST_PATTERNS = 2000;

/**
 * Classes of nodes, those of parts without nodes of their own, and the patterns that rows of cards can be
 * shared out in: every multiset of degrees to which no further part could be added. Machines in `left out`
 * hold nothing. O(boxes + patterns).
 */
export function listPartClasses(cluster: Cluster, leftOut: ReadonlySet<string>): PartClasses {
  const boxes = cluster.parting?.boxes ?? [];
  const whole = new Set(
    cluster.nodes.flatMap(({ id, part }, node) =>
      part === undefined && !leftOut.has(id) ? [node] : [],
    ),
  );
  const drained = new Set([...cluster.nodes.keys()].filter((node) => !whole.has(node)));
  const classes: MachineClass[] = [...groupMachines(cluster, { pins: new Map(), drained })];
  const byKey = new Map<string, { row: CardRow; rows: [number, number][] }>();
  boxes.forEach((box, index) => {
    if (box.kind === "node" || leftOut.has(box.host.id)) return;
    box.rows.forEach((row, at) => {
      const key = `${row.count} ${[...row.degrees].join(" ")}`;
      const known = byKey.get(key) ?? { row, rows: [] };
      known.rows.push([index, at]);
      byKey.set(key, known);
    });
  });
  const groups = [...byKey.values()].map(({ row, rows }): RowGroup => {
    const classOf = new Map(
      [...row.degrees].map(([degree, machine]) => {
        const options = listOptions(cluster, cluster.machines[machine]!);
        const own = { nodes: [], options, ...(cluster.equalDegrees === true ? { degree } : {}) };
        return [degree, classes.push(own) - 1];
      }),
    );
    const all = listPatterns(row);
    if (all === undefined) {
      // Any parts of a row are a mix of rows in parts of one degree each, fractions of parts included.
      const single = [...classOf];
      const patterns = single.map(([degree, t]) => [[t, row.count / degree] as const]);
      const degrees = single.map(([degree]) => fillRow(row, degree));
      return { machines: rows.length, rows, degrees, patterns, inFractions: true };
    }
    const patterns = all.map((pattern) =>
      [...new Set(pattern)].map(
        (degree) =>
          [classOf.get(degree)!, pattern.filter((each) => each === degree).length] as const,
      ),
    );
    return { machines: rows.length, rows, degrees: all, patterns };
  });
  return { classes, groups };
}

/**
 * Multisets of degrees that fit the row and leave no room for another part, descending; undefined where
 * there are too many.
 */
function listPatterns({ count, degrees }: CardRow): readonly (readonly number[])[] | undefined {
  const order = [...degrees.keys()].sort((a, b) => b - a);
  const least = order.at(-1)!;
  const found: number[][] = [];
  const extend = (pattern: readonly number[], from: number, left: number): void => {
    if (found.length > MOST_PATTERNS) return;
    if (left < least) {
      found.push([...pattern]);
      return;
    }
    for (let at = from; at < order.length; at++) {
      const degree = order[at]!;
      if (degree <= left) extend([...pattern, degree], at, left - degree);
    }
  };
  extend([], 0, count);
  return found.length > MOST_PATTERNS ? undefined : found;
}

/**
 * The partition in which so many rows of each group take each pattern; rows left over take the pattern
 * that most take. Rows in their order.
 */
export function assignPatterns(
  cluster: Cluster,
  groups: readonly RowGroup[],
  counts: readonly (readonly number[])[],
): Partition {
  const partition = (cluster.parting?.boxes ?? []).map((box): (readonly number[])[] =>
    box.kind === "node" ? [] : box.rows.map(() => []),
  );
  groups.forEach(({ rows, degrees }, g) => {
    const own = counts[g]!;
    const taken = own.flatMap((count, pattern) =>
      Array.from({ length: count }, () => degrees[pattern]!),
    );
    const most = degrees[own.indexOf(Math.max(...own))]!;
    rows.forEach(([box, row], index) => (partition[box]![row] = taken[index] ?? most));
  });
  return partition;
}

/** By group and pattern, the rows that take it: the reverse. */
export function countPatterns(
  groups: readonly RowGroup[],
  partition: Partition,
): readonly (readonly number[])[] {
  return groups.map((group) => {
    const places = placesOf(group);
    const counts = group.degrees.map(() => 0);
    for (const [box, row] of group.rows) {
      const at = places.get(keyOf(partition[box]![row]!.toSorted((a, b) => b - a)));
      if (at !== undefined) counts[at]! += 1;
    }
    return counts;
  });
}

const keyOf = (pattern: readonly number[]): string => pattern.join();
/** Thousands of partitions are counted, and a rack of cards has a thousand patterns: spelled out once. */
const placesByGroup = new WeakMap<RowGroup, ReadonlyMap<string, number>>();

function placesOf(group: RowGroup): ReadonlyMap<string, number> {
  const known = placesByGroup.get(group);
  if (known !== undefined) return known;
  const places = new Map(group.degrees.map((pattern, at) => [keyOf(pattern), at] as const));
  placesByGroup.set(group, places);
  return places;
}

/** Names of machines none of whose nodes may hold layers. */
export function listLeftOut(cluster: Cluster, drained: ReadonlySet<number>): ReadonlySet<string> {
  const free = new Set<string>();
  const all = new Set<string>();
  cluster.nodes.forEach((node, index) => {
    const name = node.part === undefined ? node.id : cluster.hosts![node.part.host]!.id;
    all.add(name);
    if (!drained.has(index)) free.add(name);
  });
  return new Set([...all].filter((name) => !free.has(name)));
}
