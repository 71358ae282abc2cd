import * as fc from "fast-check";
import type { FlowNetwork } from "../../../src/math/flow/network.js";

type Arc = readonly [tail: number, head: number, capacity: number];

/** A network from vertex 0 to vertex vertexCount − 1. */
export function networkOf(vertexCount: number, arcs: readonly Arc[]): FlowNetwork {
  return {
    vertexCount,
    source: 0,
    sink: vertexCount - 1,
    tail: Int32Array.from(arcs, ([tail]) => tail),
    head: Int32Array.from(arcs, ([, head]) => head),
    capacity: Float64Array.from(arcs, ([, , capacity]) => capacity),
  };
}

const smallCapacity = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.double({ min: 0, max: 3, noNaN: true, minExcluded: false }).map((x) => (x < 1e-6 ? 0 : x)),
);
/** From 1 to 1e12, evenly in the exponent. */
const wildCapacity = fc
  .tuple(fc.double({ min: 0, max: 12, noNaN: true }), fc.constantFrom(1, 1, 1, 0))
  .map(([exponent, keep]) => keep * 10 ** exponent);
const endlessCapacity = fc.constant(Infinity);

/** How capacities are drawn: everyday, over twelve orders of magnitude, or with infinite ones mixed in. */
export type CapacityKind = "small" | "wild" | "endless";

/** Arbitrary networks: parallel arcs, cycles, arcs into the source and out of the sink, lone vertices. */
export function networks(kind: CapacityKind, maxVertices = 8, maxArcs = 26) {
  const capacity = {
    small: smallCapacity,
    wild: wildCapacity,
    endless: fc.oneof(
      { weight: 4, arbitrary: wildCapacity },
      { weight: 1, arbitrary: endlessCapacity },
    ),
  }[kind];
  return fc.integer({ min: 2, max: maxVertices }).chain((n) => {
    const vertex = fc.nat(n - 1);
    const arc = fc
      .tuple(vertex, fc.nat(n - 2), capacity)
      .map(([tail, skip, c]): Arc => [tail, skip < tail ? skip : skip + 1, c]);
    return fc.array(arc, { maxLength: maxArcs }).map((arcs) => networkOf(n, arcs));
  });
}

/** Networks of every kind. */
export function allNetworks(maxVertices?: number, maxArcs?: number) {
  return fc.oneof(
    networks("small", maxVertices, maxArcs),
    networks("wild", maxVertices, maxArcs),
    networks("endless", maxVertices, maxArcs),
  );
}

/** The smallest capacity over all vertex sets that hold the source and not the sink. O(2ⁿ m). */
export function bruteForceMinCut({
  vertexCount,
  source,
  sink,
  tail,
  head,
  capacity,
}: FlowNetwork): number {
  let least = Infinity;
  for (let set = 0; set < 2 ** vertexCount; set++) {
    if (((set >> source) & 1) === 0 || ((set >> sink) & 1) === 1) continue;
    let total = 0;
    capacity.forEach((c, a) => {
      if (((set >> tail[a]!) & 1) === 1 && ((set >> head[a]!) & 1) === 0) total += c;
    });
    least = Math.min(least, total);
  }
  return least;
}

/** Equal up to the relative tolerance, whatever the magnitude. */
export function close(a: number, b: number, tolerance = 1e-6): boolean {
  return a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
