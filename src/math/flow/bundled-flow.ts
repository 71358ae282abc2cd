import { solveByDinic } from "./dinic.js";
import type { FlowNetwork } from "./network.js";
import { packPaths } from "./pack-paths.js";

/** Arcs that share a capacity: Σ weight · flow ≤ capacity. No arc is in two bundles. */
export interface Bundle {
  readonly arcs: readonly number[];
  readonly weights: readonly number[];
  readonly capacity: number;
}

/**
 * What each bundle has, divided among its arcs: the most that an arc may carry (`Infinity` outside
 * bundles that could bind). Every flow within that keeps the bundles, and the largest one is as large as
 * any that keeps them. Where bundles do not bind that is one max flow. Where they do it is a linear program and no max flow (arcs of one machine's NIC lie at
 * different layers, so no vertex can stand for it): solved to the end up to `MOST_ROWS` capacities that
 * could bind; beyond, what a bundle has is divided in proportion to the flow without it, which keeps the
 * bundles but need not be the best division.
 */
export function divideBundles(network: FlowNetwork, bundles: readonly Bundle[]): Float64Array {
  const binding = bundles.filter((bundle) => couldBind(network, bundle));
  const shares = new Float64Array(network.capacity.length).fill(Infinity);
  if (binding.length === 0) return shares;
  const free = solveByDinic(network).flow;
  const fits = binding.every((bundle) => use(bundle, free) <= bundle.capacity);
  const flow = fits ? free : (packPaths(network, binding) ?? scaleDown(binding, free));
  for (const bundle of binding) divide(bundle, flow, shares);
  return shares;
}

/** Flows below this share of a bundle are rounding: arcs that carry no more get nothing. */
const ROUNDING = 1e-7;

/** What the arcs carry, and in equal parts what is left; what rounding left goes to the arc that carries most. */
function divide(bundle: Bundle, flow: Float64Array, shares: Float64Array): void {
  const { arcs, weights, capacity } = bundle;
  const left = capacity - use(bundle, flow);
  const spare = left > ROUNDING * capacity ? left / arcs.length : 0;
  let given = 0;
  let widest = 0;
  arcs.forEach((arc, index) => {
    const bytes = weights[index]! * flow[arc]!;
    const share = (bytes > ROUNDING * capacity ? bytes : 0) + spare;
    given += share;
    shares[arc] = share / weights[index]!;
    if (bytes > weights[widest]! * flow[arcs[widest]!]!) widest = index;
  });
  shares[arcs[widest]!]! += (capacity - given) / weights[widest]!;
}

function use({ arcs, weights }: Bundle, flow: Float64Array): number {
  return arcs.reduce((sum, arc, index) => sum + weights[index]! * flow[arc]!, 0);
}

function couldBind({ capacity }: FlowNetwork, bundle: Bundle): boolean {
  return use(bundle, capacity) > bundle.capacity;
}

function scaleDown(bundles: readonly Bundle[], free: Float64Array): Float64Array {
  const flow = free.slice();
  for (const bundle of bundles) {
    const share = Math.min(1, bundle.capacity / use(bundle, free));
    for (const arc of bundle.arcs) flow[arc]! *= share;
  }
  return flow;
}
