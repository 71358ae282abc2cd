import type { NetworkModel } from "./network-model.js";

/** The largest F with Σ_i max_k k·min(T_i(k), F) ≥ L·F, rounded outwards; 0 without enough memory. */
export function truncatedSum(model: NetworkModel): number {
  const held = model.memory.reduce((total, memory) => total + memory, 0);
  if (held < model.layers) return 0;
  const layerRate = (cap: number): number =>
    model.classes.reduce((total, { nodes, options }) => {
      const best = options.reduce(
        (m, { layers, rate }) => Math.max(m, layers * Math.min(rate, cap)),
        0,
      );
      return total + nodes.length * best;
    }, 0);
  let infeasible = (layerRate(Infinity) / model.layers) * (1 + 1e-9);
  let feasible = 0;
  for (let step = 0; step < 60; step++) {
    const flow = (feasible + infeasible) / 2;
    if (layerRate(flow) >= model.layers * flow * (1 - 1e-9)) feasible = flow;
    else infeasible = flow;
  }
  return infeasible;
}

/**
 * The truncated bound of every set of regions by itself, by bit mask: tokens whose way stays within
 * a set are a flow that its nodes carry alone. Length 2^regions.
 */
export function boundSets(model: NetworkModel): Float64Array {
  return Float64Array.from({ length: 1 << model.regionCount }, (_, set) => {
    const inside = (region: number): boolean => ((set >> region) & 1) === 1;
    return truncatedSum({
      ...model,
      classes: model.classes.filter(({ region }) => inside(region)),
      memory: model.memory.filter((__, region) => inside(region)),
    });
  });
}
