/** What a placement is compared by: less is better in each. */
export type Figures = readonly [slowness: number, firstToken: number, perToken: number];

/** Those that no other one equals or betters in every figure, by falling throughput. O(n²). */
export function unbeaten<T>(items: readonly T[], figures: (item: T) => Figures): readonly T[] {
  const kept = items.filter((item, at) => {
    const own = figures(item);
    return !items.some((other, index) => {
      if (index === at) return false;
      const its = figures(other);
      const noWorse = its.every((value, axis) => value <= own[axis]!);
      return noWorse && (index < at || its.some((value, axis) => value < own[axis]!));
    });
  });
  return kept.toSorted((a, b) => figures(a)[0] - figures(b)[0]);
}

/** At most so many of a front, its ends and those spread evenly between them. */
export function thin<T>(front: readonly T[], most: number): readonly T[] {
  if (front.length <= most) return front;
  return Array.from(
    { length: most },
    (_, at) => front[Math.round((at * (front.length - 1)) / (most - 1))]!,
  );
}
