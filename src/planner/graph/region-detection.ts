import { linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import { clusterAtoms } from "./region-linkage.js";

/** A partition of the nodes by how thick the links between them are. */
export interface RegionMap {
  readonly count: number;
  /** Region of every node, numbered by first appearance. Length nodes. */
  readonly regionOf: Int32Array;
  /** The nodes of every region, ascending. */
  readonly members: readonly (readonly number[])[];
}

export interface RegionOptions {
  /** Most regions wanted; the thickest links between regions are contracted until it is kept. */
  readonly maxRegions?: number;
  /** Tokens/s no placement exceeds: a link that carries as much never binds. */
  readonly flowBound?: number;
}

/** Above so many single nodes with links of their own, declared regions are taken as they are. */
const MAX_ATOMS = 1500;
const ONE_WAY_WEIGHT = 1e-3;

/**
 * Regions as the links have them: nodes joined by links that carry all a placement could send over
 * them belong together, declared regions are only the units in which links are stored. Nodes of one
 * declared region without links of their own count as one unit, so a mesh of classes costs
 * O(nodes + regions²), and only nodes with exceptions are compared pair by pair.
 */
export function detectRegions(cluster: Cluster, options: RegionOptions = {}): RegionMap {
  const { maxRegions = 5, flowBound = Infinity } = options;
  const all = formAtoms(cluster);
  // A machine that holds no layer must not join what lies on both sides of it.
  const atoms = all.filter((atom) => atom.some((node) => firstLayerRate(cluster, node) > 0));
  const atomRegion =
    atoms.length > MAX_ATOMS
      ? atoms.map((atom) => cluster.nodes[atom[0]!]!.region)
      : clusterAtoms(strengths(cluster, atoms, flowBound), maxRegions);
  const regionOf = new Int32Array(cluster.nodes.length).fill(atomRegion[0] ?? 0);
  atoms.forEach((atom, index) => atom.forEach((node) => (regionOf[node] = atomRegion[index]!)));
  return numberRegions(regionOf);
}

/** A region map from any labelling of the nodes. O(nodes). */
export function numberRegions(labels: ArrayLike<number>): RegionMap {
  const numbers = new Map<number, number>();
  const members: number[][] = [];
  const regionOf = Int32Array.from(labels, (label, node) => {
    let region = numbers.get(label);
    if (region === undefined) {
      region = numbers.size;
      numbers.set(label, region);
      members.push([]);
    }
    members[region]!.push(node);
    return region;
  });
  return { count: members.length, regionOf, members };
}

/** What a node can send at most: T(1). */
function firstLayerRate(cluster: Cluster, node: number): number {
  return machineOf(cluster, node).capacity.tokensPerSecond[0] ?? 0;
}

/** Declared regions without exceptions, if linked inside; every other node by itself. */
function formAtoms(cluster: Cluster): readonly (readonly number[])[] {
  const special = new Set<number>();
  for (const [from, row] of cluster.network.exceptions) {
    for (const to of row.keys()) {
      if (from < 0 || to < 0) continue;
      special.add(from);
      special.add(to);
    }
  }
  const byRegion = new Map<number, number[]>();
  const atoms: number[][] = [];
  cluster.nodes.forEach(({ region }, node) => {
    if (special.has(node) || cluster.network.byRegion[region]?.[region] === undefined) {
      atoms.push([node]);
      return;
    }
    const unit = byRegion.get(region);
    if (unit !== undefined) unit.push(node);
    else {
      const fresh = [node];
      byRegion.set(region, fresh);
      atoms.push(fresh);
    }
  });
  return atoms;
}

/** How much of what could be of use a link between two atoms carries, in both directions; 0 to 1. */
function strengths(
  cluster: Cluster,
  atoms: readonly (readonly number[])[],
  flowBound: number,
): readonly Float64Array[] {
  const bytes = cluster.model.activationBytes;
  const most = atoms.map((atom) =>
    atom.reduce((best, node) => Math.max(best, firstLayerRate(cluster, node)), 0),
  );
  const carried = (from: number, to: number): number =>
    (linkBetween(cluster, from, to)?.bandwidthBytesPerSecond ?? 0) / bytes;
  const matrix = atoms.map(() => new Float64Array(atoms.length));
  for (let a = 0; a < atoms.length; a++) {
    for (let b = a + 1; b < atoms.length; b++) {
      const there = carried(atoms[a]![0]!, atoms[b]![0]!);
      const back = carried(atoms[b]![0]!, atoms[a]![0]!);
      const useful = Math.min(flowBound, most[a]!, most[b]!);
      const both = Math.min(there, back, useful);
      // Without a way back a link counts little: it joins only what would stay apart otherwise.
      const oneWay = ONE_WAY_WEIGHT * Math.min(Math.max(there, back), useful);
      const share = useful > 0 ? Math.max(both, oneWay) / useful : 0;
      matrix[a]![b] = share;
      matrix[b]![a] = share;
    }
  }
  return matrix;
}
