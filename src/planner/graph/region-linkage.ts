/**
 * Single-linkage clustering by the thickness of links: atoms joined by links of thickness 1 are one
 * cluster; while there are more clusters than wanted, the two joined by the thickest link become one.
 * @param thickness symmetric, 0 (no link) to 1 (never binds).
 * @returns a label per atom.
 * Complexity O(atoms²) plus O(clusters²) per merge.
 */
export function clusterAtoms(
  thickness: readonly Float64Array[],
  maxClusters: number,
): readonly number[] {
  const label = thickness.map((_, atom) => atom);
  const find = (atom: number): number => {
    let root = atom;
    while (label[root] !== root) root = label[root]!;
    while (label[atom] !== root) [atom, label[atom]] = [label[atom]!, root];
    return root;
  };
  let clusters = label.length;
  for (const [a, b, weight] of spanningTree(thickness)) {
    if (weight < FULL && clusters <= maxClusters) break;
    const [rootA, rootB] = [find(a), find(b)];
    if (rootA === rootB) continue;
    label[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    clusters--;
  }
  return label.map((_, atom) => find(atom));
}

const FULL = 1 - 1e-9;

/** Edges of a maximum spanning forest (thickness 0 joins what has no link), thickest first. Prim. */
function spanningTree(
  thickness: readonly Float64Array[],
): readonly (readonly [number, number, number])[] {
  const count = thickness.length;
  const best = new Float64Array(count).fill(-1);
  const via = new Int32Array(count);
  const done = new Uint8Array(count);
  const edges: [number, number, number][] = [];
  let current = 0;
  for (let step = 1; step < count; step++) {
    done[current] = 1;
    let next = -1;
    for (let atom = 0; atom < count; atom++) {
      if (done[atom] === 1) continue;
      if (thickness[current]![atom]! > best[atom]!) {
        best[atom] = thickness[current]![atom]!;
        via[atom] = current;
      }
      if (next < 0 || best[atom]! > best[next]!) next = atom;
    }
    edges.push([via[next]!, next, best[next]!]);
    current = next;
  }
  return edges.sort((x, y) => y[2] - x[2] || x[0] - y[0] || x[1] - y[1]);
}
