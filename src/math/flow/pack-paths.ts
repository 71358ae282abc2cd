import type { Bundle } from "./bundled-flow.js";
import type { FlowNetwork } from "./network.js";

/** Capacities that could bind: beyond, a dense basis takes too long. */
const MOST_ROWS = 400;
const TINY = 1e-9;

/**
 * The largest flow of an acyclic network that keeps the bundles, by the primal simplex method over paths:
 * maximise Σ x_p with Σ_p x_p ≤ capacity for every arc and Σ weight ≤ capacity for every bundle. A path
 * that would help is the shortest one under the prices of capacities, so paths are made as they are
 * needed; when the shortest costs 1 the flow is the largest. O(rows²) a step.
 * @returns undefined where too many capacities could bind, or numbers failed.
 */
export function packPaths(
  network: FlowNetwork,
  bundles: readonly Bundle[],
): Float64Array | undefined {
  const rows = listRows(network, bundles);
  const count = rows.capacity.length;
  if (count > MOST_ROWS) return undefined;
  const order = sortVertices(network);
  if (order === undefined) return undefined;
  // Slacks are the first basis: column `basis[r]` < 0 is the slack of row −1 − column.
  const inverse = Array.from({ length: count }, (_, r) => {
    const row = new Float64Array(count);
    row[r] = 1;
    return row;
  });
  const basis = Array.from({ length: count }, (_, r) => -1 - r);
  // Equal capacities tie ratio tests; a little apart they cannot make steps go in circles.
  const value = Float64Array.from(
    rows.capacity,
    (each, r) => each * (1 - 1e-11 * ((r * 7919) % 997)),
  );
  const paths: (readonly number[])[] = [];
  const limit = 1000 + 40 * count;
  for (let step = 0; ; step++) {
    if (step > limit) return undefined;
    const prices = new Float64Array(count);
    basis.forEach((column, r) => {
      if (column < 0) return;
      for (let k = 0; k < count; k++) prices[k]! += inverse[r]![k]!;
    });
    const entering = chooseEntering(network, rows, order, prices, paths);
    if (entering === undefined) return sumPaths(network, paths, basis, value);
    const column = columnOf(entering, rows, paths, count);
    const direction = inverse.map((row) => dot(row, column));
    const leaving = ratioTest(direction, value);
    if (leaving < 0) return undefined;
    pivot(inverse, value, direction, leaving);
    basis[leaving] = entering;
  }
}

/** Per arc the rows of its own capacity and of its bundle, with what a token on it takes of each. */
interface Rows {
  readonly capacity: readonly number[];
  readonly byArc: readonly (readonly (readonly [row: number, weight: number])[])[];
}

function listRows(network: FlowNetwork, bundles: readonly Bundle[]): Rows {
  const { tail, head, capacity: limits, vertexCount, source, sink } = network;
  const into = new Float64Array(vertexCount);
  const outOf = new Float64Array(vertexCount);
  limits.forEach((limit, arc) => {
    into[head[arc]!]! += limit;
    outOf[tail[arc]!]! += limit;
  });
  into[source] = Infinity;
  outOf[sink] = Infinity;
  const capacity: number[] = [];
  const byArc = Array.from(limits, (limit, arc): [number, number][] => {
    // What comes to its tail or goes on from its head is no more: this one cannot be what binds.
    const free = limit >= into[tail[arc]!]! || (limit > outOf[head[arc]!]! && head[arc] !== sink);
    return limit === Infinity || free ? [] : [[capacity.push(limit) - 1, 1]];
  });
  for (const bundle of bundles) {
    if (bundle.arcs.length === 0) continue;
    const most = bundle.weights.reduce((a, b) => Math.max(a, b));
    const row = capacity.push(bundle.capacity / most) - 1;
    bundle.arcs.forEach((arc, index) => byArc[arc]!.push([row, bundle.weights[index]! / most]));
  }
  return { capacity, byArc };
}

/** Vertices in an order in which arcs lead forwards; undefined where there is a cycle. */
function sortVertices({ tail, head, vertexCount }: FlowNetwork): readonly number[] | undefined {
  const next: number[][] = Array.from({ length: vertexCount }, () => []);
  const missing = new Int32Array(vertexCount);
  tail.forEach((vertex, arc) => {
    next[vertex]!.push(arc);
    missing[head[arc]!]!++;
  });
  const order: number[] = [];
  missing.forEach((count, vertex) => {
    if (count === 0) order.push(vertex);
  });
  for (const vertex of order)
    for (const arc of next[vertex]!) if (--missing[head[arc]!]! === 0) order.push(head[arc]!);
  return order.length === vertexCount ? order.flatMap((vertex) => next[vertex]!) : undefined;
}

/** A slack whose price is negative, else the shortest path if it costs less than 1; undefined at the optimum. */
function chooseEntering(
  { tail, head, vertexCount, source, sink }: FlowNetwork,
  { byArc }: Rows,
  arcs: readonly number[],
  prices: Float64Array,
  paths: (readonly number[])[],
): number | undefined {
  const scale = Math.max(1, ...prices);
  const negative = prices.findIndex((price) => price < -TINY * scale);
  if (negative >= 0) return -1 - negative;
  const cost = new Float64Array(vertexCount).fill(Infinity);
  const by = new Int32Array(vertexCount).fill(-1);
  cost[source] = 0;
  for (const arc of arcs) {
    let length = cost[tail[arc]!]!;
    for (const [row, weight] of byArc[arc]!) length += weight * Math.max(0, prices[row]!);
    if (length >= cost[head[arc]!]!) continue;
    cost[head[arc]!] = length;
    by[head[arc]!] = arc;
  }
  if (!(cost[sink]! < 1 - TINY)) return undefined;
  const path: number[] = [];
  for (let vertex = sink; vertex !== source; vertex = tail[by[vertex]!]!) path.push(by[vertex]!);
  return paths.push(path) - 1;
}

function columnOf(
  column: number,
  { byArc }: Rows,
  paths: readonly (readonly number[])[],
  count: number,
): Float64Array {
  const entries = new Float64Array(count);
  if (column < 0) entries[-1 - column] = 1;
  else
    for (const arc of paths[column]!)
      for (const [row, weight] of byArc[arc]!) entries[row]! += weight;
  return entries;
}

function ratioTest(direction: readonly number[], value: Float64Array): number {
  let least = Infinity;
  let leaving = -1;
  const scale = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  direction.forEach((slope, r) => {
    if (slope <= 1e-10 * scale) return;
    const ratio = Math.max(0, value[r]!) / slope;
    if (ratio >= least) return;
    least = ratio;
    leaving = r;
  });
  return leaving;
}

function pivot(
  inverse: Float64Array[],
  value: Float64Array,
  direction: readonly number[],
  leaving: number,
): void {
  const own = inverse[leaving]!;
  const by = direction[leaving]!;
  for (let k = 0; k < own.length; k++) own[k]! /= by;
  value[leaving]! /= by;
  direction.forEach((slope, r) => {
    if (r === leaving || slope === 0) return;
    const row = inverse[r]!;
    for (let k = 0; k < row.length; k++) row[k]! -= slope * own[k]!;
    value[r] = Math.max(0, value[r]! - slope * value[leaving]!);
  });
}

function sumPaths(
  { capacity }: FlowNetwork,
  paths: readonly (readonly number[])[],
  basis: readonly number[],
  value: Float64Array,
): Float64Array {
  const flow = new Float64Array(capacity.length);
  basis.forEach((column, r) => {
    if (column < 0) return;
    for (const arc of paths[column]!) flow[arc]! += value[r]!;
  });
  return flow;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
