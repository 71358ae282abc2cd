import type { PartClasses, RowGroup } from "./part-groups.js";

/** By group and pattern, the machines that take it. */
export type PatternCounts = readonly (readonly number[])[];

/**
 * Partitions that differ from this one by machines of one group that take another pattern: parts split,
 * merged or swapped, for one machine, for half of those that have the pattern, and for all. O(patterns²).
 */
export function listNearPartitions(
  groups: readonly RowGroup[],
  counts: PatternCounts,
): PatternCounts[] {
  return groups.flatMap(({ patterns }, g) =>
    patterns.flatMap((_, from) => {
      const have = counts[g]![from]!;
      const moved = [...new Set([1, Math.ceil(have / 2), have])].filter((n) => n >= 1 && n <= have);
      return patterns.flatMap((__, to) =>
        to === from ? [] : moved.map((n) => withMoved(counts, g, { from, to, n })),
      );
    }),
  );
}

function withMoved(
  counts: PatternCounts,
  group: number,
  { from, to, n }: { readonly from: number; readonly to: number; readonly n: number },
): PatternCounts {
  return counts.map((own, g) =>
    g !== group
      ? own
      : own.map((count, pattern) => count + (pattern === to ? n : 0) - (pattern === from ? n : 0)),
  );
}

/** Every partition by counts, if they are no more than `most`. */
export function listAllPartitions(
  groups: readonly RowGroup[],
  most: number,
): PatternCounts[] | undefined {
  let all: (readonly number[])[][] = [[]];
  for (const { machines, patterns } of groups) {
    const own = listSums(patterns.length, machines, most);
    if (own === undefined || all.length * own.length > most) return undefined;
    all = all.flatMap((before) => own.map((counts) => [...before, counts]));
  }
  return all;
}

/** Lists of `length` whole numbers that add up to `sum`. */
function listSums(length: number, sum: number, most: number): (readonly number[])[] | undefined {
  const found: number[][] = [];
  const extend = (counts: number[], left: number): void => {
    if (found.length > most) return;
    if (counts.length === length - 1) {
      found.push([...counts, left]);
      return;
    }
    for (let n = left; n >= 0; n--) extend([...counts, n], left - n);
  };
  extend([], sum);
  return found.length > most ? undefined : found;
}

/** The classes with the nodes that these counts make: what a bound of one partition looks at. */
export function sizeClasses({ classes, groups }: PartClasses, counts: PatternCounts): PartClasses {
  const sizes = classes.map(({ nodes }) => nodes.length);
  groups.forEach(({ patterns }, g) => {
    patterns.forEach((pattern, p) => {
      for (const [t, parts] of pattern) sizes[t]! += parts * counts[g]![p]!;
    });
  });
  return {
    classes: classes.map((machine, t) => ({
      ...machine,
      nodes: Array.from({ length: Math.ceil(sizes[t]!) }, (_, node) => node),
    })),
    groups: [],
  };
}
