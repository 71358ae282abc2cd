import { OUTWARD } from "../coverings/compute-bounds.js";
import { createCoverPool } from "../coverings/configuration-lp.js";
import { groupMachines } from "../problem/machine-classes.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext } from "../problem/strategy.js";

/** Prices of a flow at most so much lower, relative, are as good: a linear program takes as long as a hundred steps. */
const OLD_PRICES = 2e-3;

/**
 * Prices of nodes by the configuration LP: over any layer, nodes whose T(k) are F together cost F or more, where each of the k layers of a node costs 1/k
 * of its price. So all layers cost L·F, and what T(k) together exceed F by is paid for. Those of a lower flow hold for a higher one, as what
 * covers this covers that.
 * @returns by position in `nodes`; undefined if the search was stopped.
 */
export function priceCovers(
  { cluster, constraints }: Pick<PlanningProblem, "cluster" | "constraints">,
  nodes: readonly number[],
  { solver, shouldStop }: Pick<SearchContext, "solver" | "shouldStop">,
): (flow: number) => Float64Array | undefined {
  const classes = groupMachines(cluster, constraints);
  const positions = classes.map((one) => one.nodes.map((node) => nodes.indexOf(node)));
  const pool = createCoverPool(classes, cluster.model.layers, solver, { shouldStop });
  const known: { readonly flow: number; readonly prices: readonly number[] }[] = [];
  return (wanted) => {
    const isNear = ({ flow }: { readonly flow: number }): boolean =>
      flow <= wanted && flow >= wanted * (1 - OLD_PRICES);
    let found = known.findLast(isNear);
    if (found === undefined) {
      const relaxation = pool.relax(wanted);
      if (relaxation === undefined) return undefined;
      found = { flow: wanted, prices: relaxation.prices };
      known.push(found);
    }
    const prices = new Float64Array(nodes.length);
    for (const [t, own] of positions.entries())
      for (const i of own) prices[i] = wanted * found.prices[t]! * (1 + OUTWARD);
    return prices;
  };
}
