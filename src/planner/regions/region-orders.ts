/** All orders of the regions in a set (bit mask), lexicographic. */
export function listOrders(set: number): readonly (readonly number[])[] {
  if (set === 0) return [[]];
  const orders: number[][] = [];
  for (let region = 0; set >> region > 0; region++) {
    if (((set >> region) & 1) === 0) continue;
    for (const rest of listOrders(set & ~(1 << region))) orders.push([region, ...rest]);
  }
  return orders;
}

/**
 * The split of all regions into disjoint sets of greatest total worth. Sets without worth are
 * dropped. O(3^regions).
 */
export function bestPartition(worth: ReadonlyMap<number, number>, all: number): readonly number[] {
  const best = new Float64Array(all + 1);
  const choice = new Int32Array(all + 1);
  for (let set = 1; set <= all; set++) {
    const lowest = set & -set;
    best[set] = best[set ^ lowest]!;
    choice[set] = 0;
    for (let part = set; part > 0; part = (part - 1) & set) {
      if ((part & lowest) === 0) continue;
      const total = (worth.get(part) ?? 0) + best[set ^ part]!;
      if (total > best[set]!) {
        best[set] = total;
        choice[set] = part;
      }
    }
  }
  const parts: number[] = [];
  for (let set = all; set > 0;) {
    const part = choice[set]!;
    if (part > 0) parts.push(part);
    set ^= part > 0 ? part : set & -set;
  }
  return parts;
}
