import type { MachineClass, PatternGroup } from "../problem/machine-classes.js";

/** Outward slack of a bound: far above what rounding in doubles can do, far below any gap asked for. */
export const OUTWARD = 1e-9;

/**
 * (a) Compute sum: (1/L)·Σ_i max_k k·T_i(k). Every token takes L layer-steps somewhere.
 * Helix, section 4.5. Valid for every network and constraint. O(classes · options).
 */
export function computeSumBound(
  classes: readonly MachineClass[],
  layers: number,
  groups: readonly PatternGroup[] = [],
): number {
  return (layerRate(classes, Infinity, 0, groups) / layers) * (1 + OUTWARD);
}

/**
 * (b) Truncated compute sum: the largest F with Σ_i max_k k·min(T_i(k), F) ≥ L·F. No node does more
 * than F. Equality can hold over a whole range of F, so the upper end of the last bracket is
 * returned and the test itself leans towards feasible. 0 when the nodes cannot hold the model. O(60 · classes · options).
 */
export function truncatedSumBound(
  classes: readonly MachineClass[],
  layers: number,
  groups: readonly PatternGroup[] = [],
): number {
  if (mostLayers(classes, groups) < layers) return 0;
  let infeasible = computeSumBound(classes, layers, groups) * (1 + OUTWARD);
  let feasible = 0;
  for (let step = 0; step < 60 && infeasible - feasible > 1e-12 * infeasible; step++) {
    const flow = (feasible + infeasible) / 2;
    if (layerRate(classes, flow, 0, groups) >= layers * flow * (1 - OUTWARD)) feasible = flow;
    else infeasible = flow;
  }
  return infeasible;
}

/**
 * Depth bound: with at most H nodes on a token's way, Σ_i f_i ≤ H·F and Σ_i f_i·k_i ≥ L·F for the
 * flow f_i ≤ min(T_i(k_i), F) of every node, hence for every price μ ≥ 0 of a visit
 *   Σ_i max_k min(T_i(k), F)·(k − μ)⁺ ≥ (L − μ·H)·F.
 * The largest F that no price refutes (prices on a grid of 1/8 layer: any subset of prices is valid).
 */
export function depthBound(
  classes: readonly MachineClass[],
  layers: number,
  maxDepth: number,
): number {
  let infeasible = truncatedSumBound(classes, layers);
  let feasible = 0;
  for (let step = 0; step < 50 && infeasible - feasible > 1e-9 * infeasible; step++) {
    const flow = (feasible + infeasible) / 2;
    if (isRefutedByPrice(classes, layers, maxDepth, flow)) infeasible = flow;
    else feasible = flow;
  }
  return infeasible;
}

function isRefutedByPrice(
  classes: readonly MachineClass[],
  layers: number,
  maxDepth: number,
  flow: number,
): boolean {
  for (let price = 0; price * maxDepth < layers; price += 1 / 8) {
    const needed = (layers - price * maxDepth) * flow;
    if (layerRate(classes, flow, price) < needed * (1 - OUTWARD)) return true;
  }
  return false;
}

/** Layers that all nodes together can hold. */
function mostLayers(classes: readonly MachineClass[], groups: readonly PatternGroup[]): number {
  const most = classes.map(({ options }) => options.at(-1)?.layers ?? 0);
  return sumOfBest(classes, groups, most);
}

/** Σ_i max_k min(T_i(k), cap)·(k − price)⁺. */
function layerRate(
  classes: readonly MachineClass[],
  cap: number,
  price = 0,
  groups: readonly PatternGroup[] = [],
): number {
  const best = classes.map(({ options }) => {
    let most = 0;
    for (const { layers, rate } of options)
      most = Math.max(most, Math.min(rate, cap) * (layers - price));
    return most;
  });
  return sumOfBest(classes, groups, best);
}

/**
 * Σ over nodes, and over machines whose cards can be shared out the most that one of their patterns gives,
 * of a value ≥ 0 by class. O(classes + patterns).
 */
export function sumOfBest(
  classes: readonly MachineClass[],
  groups: readonly PatternGroup[],
  value: ArrayLike<number>,
): number {
  let sum = 0;
  classes.forEach(({ nodes }, t) => (sum += nodes.length * value[t]!));
  for (const { machines, patterns } of groups) {
    const worth = patterns.map((pattern) =>
      pattern.reduce((total, [t, count]) => total + count * value[t]!, 0),
    );
    sum += machines * worth.reduce((most, each) => Math.max(most, each), 0);
  }
  return sum;
}
