import { findCheapestFlow, WORK_LIMIT } from "./cheapest-flow.js";
import { netInflow } from "./net-inflow.js";
import type { FlowNetwork, MaxFlow } from "./network.js";

/**
 * What one more unit of flow costs on an arc that is used to this share of its capacity, from 0 to 1.
 * Finite, ≥ 0, never falling in the share. Asked at 0 only where the capacity is infinite.
 */
export type MarginalCost = (arc: number, share: number) => number;

/** A network whose parallel arcs are the steps of a cost that rises with the flow. */
export interface SteppedNetwork {
  readonly network: FlowNetwork;
  /** Per unit of flow. Length as the arcs of `network`. */
  readonly cost: Float64Array;
  /** The arc that a step belongs to; the steps of an arc follow each other, the cheapest first. */
  readonly arcOf: Int32Array;
}

/** Steps of an arc whose cost rises. */
const STEPS = 4;
/** Looks at every step that the work has to suffice for, else it is not worth beginning. */
const LEAST_LOOKS = 10;

/**
 * Replaces every arc whose cost rises by `STEPS` arcs of equal capacity, each at the marginal cost in
 * its middle, so that a cheapest flow of the result is a cheapest flow of the stepped costs. O(m).
 */
export function buildSteps(network: FlowNetwork, marginalCost: MarginalCost): SteppedNetwork {
  const capacity: number[] = [];
  const cost: number[] = [];
  const arcOf: number[] = [];
  network.capacity.forEach((whole, arc) => {
    const rises = isLimited(whole) && marginalCost(arc, 1) > marginalCost(arc, 0);
    const steps = rises ? STEPS : 1;
    for (let step = 0; step < steps; step++) {
      capacity.push(whole / steps);
      cost.push(marginalCost(arc, steps === 1 ? 0 : (step + 0.5) / steps));
      arcOf.push(arc);
    }
  });
  return {
    network: {
      ...network,
      tail: Int32Array.from(arcOf, (arc) => network.tail[arc]!),
      head: Int32Array.from(arcOf, (arc) => network.head[arc]!),
      capacity: Float64Array.from(capacity),
    },
    cost: Float64Array.from(cost),
    arcOf: Int32Array.from(arcOf),
  };
}

/** Whether no arc costs anything however much it is used: its steps need not be built then. O(m). */
function costsNothing({ capacity }: FlowNetwork, marginalCost: MarginalCost): boolean {
  for (let arc = 0; arc < capacity.length; arc++)
    if (marginalCost(arc, isLimited(capacity[arc]!) ? 1 : 0) > 0) return false;
  return true;
}

function isLimited(capacity: number): boolean {
  return capacity > 0 && capacity < Infinity;
}

/** The flow on the steps, the cheapest filled first. O(steps). */
export function flowOnSteps({ network, arcOf }: SteppedNetwork, flow: Float64Array): Float64Array {
  const left = flow.slice();
  return Float64Array.from(arcOf, (arc, step) => {
    const last = arcOf[step + 1] !== arc;
    const amount = last ? left[arc]! : Math.min(left[arc]!, network.capacity[step]!);
    left[arc]! -= amount;
    return amount;
  });
}

/**
 * A maximum flow of the same value that is cheapest by these costs, up to the height of their steps;
 * where the work runs out (see `findCheapestFlow`) only cheaper, and above 2.5 million arcs as it is.
 * Ties keep the flow they have, so without any cost it comes back as it is.
 */
export function cheapenMaxFlow(
  network: FlowNetwork,
  maxFlow: MaxFlow,
  marginalCost: MarginalCost,
  workLimit: number = WORK_LIMIT,
): MaxFlow {
  if (LEAST_LOOKS * STEPS * network.tail.length > workLimit) return maxFlow;
  if (costsNothing(network, marginalCost)) return maxFlow;
  const steps = buildSteps(network, marginalCost);
  const start = flowOnSteps(steps, maxFlow.flow);
  const found = findCheapestFlow(steps.network, start, steps.cost, workLimit);
  const flow = new Float64Array(network.tail.length);
  steps.arcOf.forEach((arc, step) => (flow[arc]! += found.flow[step]!));
  return { value: netInflow(network, flow, network.sink), flow };
}
