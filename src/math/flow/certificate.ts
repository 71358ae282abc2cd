// The judge of every flow. It shares no code with the algorithms it judges: keep it that way.
import { RELATIVE_TOLERANCE } from "../../core/tolerance.js";
import type { FlowNetwork, MaxFlow } from "./network.js";

/** What is wrong with a flow. Amounts are in the unit of the capacities. */
export type FlowViolation =
  | { readonly kind: "length"; readonly expected: number; readonly found: number }
  | { readonly kind: "not-finite"; readonly arc: number; readonly flow: number }
  | { readonly kind: "negative"; readonly arc: number; readonly flow: number }
  | {
      readonly kind: "over-capacity";
      readonly arc: number;
      readonly flow: number;
      readonly capacity: number;
    }
  | {
      readonly kind: "not-conserved";
      readonly vertex: number;
      readonly received: number;
      readonly sent: number;
    }
  | {
      readonly kind: "value";
      readonly value: number;
      readonly outOfSource: number;
      readonly intoSink: number;
    };

/**
 * Everything wrong with the flow: capacities, conservation at every vertex but source and sink, and
 * the value against what leaves the source and what reaches the sink. Empty: it is a flow of that
 * value. Relative tolerance: of an arc, its own capacity; of a vertex, what passes through it; amounts below 1 absolutely, unless the
 * whole flow is smaller still. O(n + m).
 */
export function checkFlow(
  network: FlowNetwork,
  { value, flow }: MaxFlow,
): readonly FlowViolation[] {
  const { vertexCount, source, sink, tail, head, capacity } = network;
  if (flow.length !== capacity.length) {
    return [{ kind: "length", expected: capacity.length, found: flow.length }];
  }
  const violations: FlowViolation[] = [];
  const floor = RELATIVE_TOLERANCE * Math.min(1, Math.abs(value));
  const same = (a: number, b: number) =>
    a === b ||
    Math.abs(a - b) <= Math.max(floor, RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
  const received = new Float64Array(vertexCount);
  const sent = new Float64Array(vertexCount);
  flow.forEach((amount, arc) => {
    const limit = capacity[arc]!;
    if (!Number.isFinite(amount)) violations.push({ kind: "not-finite", arc, flow: amount });
    else if (amount < -floor) violations.push({ kind: "negative", arc, flow: amount });
    else if (amount > limit * (1 + RELATIVE_TOLERANCE) + floor) {
      violations.push({ kind: "over-capacity", arc, flow: amount, capacity: limit });
    }
    sent[tail[arc]!]! += amount;
    received[head[arc]!]! += amount;
  });
  for (let v = 0; v < vertexCount; v++) {
    if (v === source || v === sink || same(received[v]!, sent[v]!)) continue;
    violations.push({ kind: "not-conserved", vertex: v, received: received[v]!, sent: sent[v]! });
  }
  const outOfSource = sent[source]! - received[source]!;
  const intoSink = received[sink]! - sent[sink]!;
  if (!same(value, outOfSource) || !same(value, intoSink)) {
    violations.push({ kind: "value", value, outOfSource, intoSink });
  }
  return violations;
}

/** Whether a flow is proven maximum: a cut whose capacity the value attains is the proof. */
export type MaximalityVerdict =
  | { readonly kind: "proven"; readonly sourceSide: Uint8Array; readonly cutCapacity: number }
  | { readonly kind: "unproven"; readonly value: number; readonly lowestCutTried: number };

/** Shares of the value (per arc) below which a residue is taken for rounding, tried in turn. */
const RESIDUE_SHARES = [0, 1e-12, 1e-9, 1e-6, 1e-3];

/**
 * Looks for a cut with capacity = value among the sets that the source reaches over arcs with room.
 * Whatever set is found, its capacity is summed afresh, so "proven" holds (weak duality) if
 * `checkFlow` finds nothing. O(n + m).
 */
export function checkMaximality(network: FlowNetwork, maxFlow: MaxFlow): MaximalityVerdict {
  const { tail, head, capacity, sink } = network;
  const { value } = maxFlow;
  let lowestCutTried = Infinity;
  for (const share of RESIDUE_SHARES) {
    const sourceSide = reachOverRoom(network, maxFlow.flow, (share * value) / tail.length);
    if (sourceSide[sink] === 1) continue;
    let cutCapacity = 0;
    for (let a = 0; a < tail.length; a++) {
      if (sourceSide[tail[a]!] === 1 && sourceSide[head[a]!] === 0) cutCapacity += capacity[a]!;
    }
    if (cutCapacity <= value * (1 + RELATIVE_TOLERANCE)) {
      return { kind: "proven", sourceSide, cutCapacity };
    }
    lowestCutTried = Math.min(lowestCutTried, cutCapacity);
  }
  return { kind: "unproven", value, lowestCutTried };
}

function reachOverRoom(network: FlowNetwork, flow: Float64Array, residue: number): Uint8Array {
  const { vertexCount, source, tail, head, capacity } = network;
  const neighbours: number[][] = Array.from({ length: vertexCount }, () => []);
  for (let a = 0; a < flow.length; a++) {
    if (capacity[a]! - flow[a]! > residue) neighbours[tail[a]!]!.push(head[a]!);
    if (flow[a]! > residue) neighbours[head[a]!]!.push(tail[a]!);
  }
  const reached = new Uint8Array(vertexCount);
  reached[source] = 1;
  const queue = [source];
  for (const v of queue) {
    for (const w of neighbours[v]!) {
      if (reached[w] === 1) continue;
      reached[w] = 1;
      queue.push(w);
    }
  }
  return reached;
}
