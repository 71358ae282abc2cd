import { machineOf, type Cluster } from "../../core/cluster.js";
import { holdsLayers, rateOfLayers } from "../../core/interval-capacity.js";
import type { LayerInterval, NodeIntervals } from "../../core/placement.js";

/** Nodes of one type, all alike. */
export interface ChainType {
  readonly nodes: readonly number[];
  /** The furthest border a node reaches that starts at a border; never falls, as a part of what fits fits. */
  readonly reach: Int32Array;
}

/** What nodes can cover together, each used once. */
export type Cover =
  | { readonly kind: "chain"; readonly intervals: NodeIntervals }
  /** Proven: in no order they get further than this. */
  | { readonly kind: "short"; readonly covered: number }
  /** There are too many combinations to look at. */
  | { readonly kind: "unknown" };

/** Combinations of nodes looked at most. */
const MOST_STATES = 200_000;

/**
 * The types of nodes that may hold layers, by what they reach at `flow` tokens/s or more.
 * O(types · L²).
 */
export function listChainTypes(
  cluster: Cluster,
  nodes: readonly number[],
  flow: number,
): readonly ChainType[] {
  const { layers, activationBytes, tokenBytes } = cluster.model;
  const members = new Map<number, number[]>();
  for (const node of nodes) {
    const { machine } = cluster.nodes[node]!;
    members.set(machine, [...(members.get(machine) ?? []), node]);
  }
  return [...members.values()].map((alike) => {
    const { capacity, nicBytesPerSecond } = machineOf(cluster, alike[0]!);
    const reach = Int32Array.from({ length: layers + 1 }, (_, at) => at);
    for (let start = 0; start < layers; start++) {
      for (let end = start + 1; end <= layers; end++) {
        const interval: LayerInterval = [start, end];
        if (!holdsLayers(capacity, interval)) break;
        const bytes = start === 0 && end === layers ? tokenBytes : activationBytes;
        if (Math.min(rateOfLayers(capacity, interval), nicBytesPerSecond / bytes) >= flow)
          reach[start] = end;
      }
    }
    for (let at = 1; at <= layers; at++) reach[at] = Math.max(reach[at]!, reach[at - 1]!);
    return { nodes: alike, reach };
  });
}

/**
 * Whether the nodes can cover all layers one after another, in any order: the furthest border for every
 * number of nodes of each type. Exact, as a node that starts later ends no sooner.
 * O(types · Π (nodes of a type + 1)).
 */
export function coverLayers(types: readonly ChainType[], layers: number): Cover {
  const strides: number[] = [];
  let states = 1;
  for (const { nodes } of types) {
    strides.push(states);
    // More nodes than layers are never needed.
    states *= Math.min(nodes.length, layers) + 1;
    if (states > MOST_STATES) return { kind: "unknown" };
  }
  const furthest = new Int32Array(states);
  const last = new Int8Array(states).fill(-1);
  let best = 0;
  for (let state = 0; state < states; state++) {
    types.forEach(({ nodes, reach }, type) => {
      const count = Math.floor(state / strides[type]!) % (Math.min(nodes.length, layers) + 1);
      if (count === 0) return;
      const border = reach[furthest[state - strides[type]!]!]!;
      if (border <= furthest[state]! && last[state] !== -1) return;
      furthest[state] = border;
      last[state] = type;
    });
    if (furthest[state]! > furthest[best]!) best = state;
    if (furthest[state] === layers) break;
  }
  if (furthest[best]! < layers) return { kind: "short", covered: furthest[best]! };
  return { kind: "chain", intervals: walkBack(types, strides, furthest, last, best) };
}

function walkBack(
  types: readonly ChainType[],
  strides: readonly number[],
  furthest: Int32Array,
  last: Int8Array,
  found: number,
): NodeIntervals {
  const intervals: [number, LayerInterval][] = [];
  const taken = types.map(() => 0);
  for (let state = found; last[state]! >= 0;) {
    const type = last[state]!;
    const before = state - strides[type]!;
    const [start, end] = [furthest[before]!, furthest[state]!];
    if (end > start) intervals.unshift([types[type]!.nodes[taken[type]!++]!, [start, end]]);
    state = before;
  }
  return intervals;
}
