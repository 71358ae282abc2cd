import type { Cluster } from "../../core/cluster.js";
import { listMachines } from "../problem/list-machines.js";
import type { SurvivalRule } from "../problem/problem.js";
import type { LocalEvaluator } from "./local-evaluator.js";
import { createLossLayers } from "./loss-layers.js";

/** Sets of machines lost whose flow is looked at, of one placement. */
const MOST_FLOWS = 4000;

/**
 * The evaluator for placements that losses of machines must leave a share of: what it says a placement carries is its
 * flow where every loss leaves enough, and otherwise less the more is missing. A layer lacks what its holders lack to the target, and
 * what those that the worst loss leaves lack to their share of it.
 * A look costs O(held layers) more, a flow one more for each loss that could leave too little.
 */
export function countLosses(
  evaluator: LocalEvaluator,
  cluster: Cluster,
  rule: SurvivalRule,
): LocalEvaluator {
  const machines = listMachines(cluster);
  const layers = createLossLayers(evaluator, machines, rule);
  let leftLinked = Infinity;
  let counts = false;
  let struck = false;

  /** The flow where enough is left; else the less the further flow and what is left are apart. Never more than either. */
  function worth(whole: number, left: number): number {
    counts = left >= whole * (1 - 1e-12);
    return counts ? whole : Math.max(0, 2 * left - whole);
  }

  return {
    ...evaluator,
    coverage: layers.left,
    deficit(target) {
      layers.strike((node) => evaluator.rateOf(node), evaluator.coverage);
      return evaluator.deficit(target) + layers.lack(target, evaluator.weakest());
    },
    weakest() {
      layers.strike((node) => evaluator.rateOf(node), evaluator.coverage);
      return worth(evaluator.weakest(), layers.least());
    },
    linkDeficit(target) {
      const lack = evaluator.linkDeficit(target);
      layers.strike((node) => evaluator.linkedRate(node), evaluator.linkedCoverage);
      leftLinked = layers.least();
      return lack + layers.lack(target, evaluator.weakestLinked());
    },
    weakestLinked: () => Math.min(evaluator.weakestLinked(), leftLinked),
    flow() {
      const whole = evaluator.flow();
      struck = false;
      if (whole <= 0) return worth(0, 0);
      const least = leastLeft(evaluator, machines, rule, whole);
      struck = least.flows > 0;
      return worth(whole, least.left / rule.floor);
    },
    keepFlow() {
      // The last flow solved was that of a loss.
      if (struck) evaluator.flow();
      struck = false;
      evaluator.keepFlow();
    },
    counts: () => counts,
  };
}

/** The least that a loss leaves of the flow `whole`, or the floor where all leave that; and the flows solved for it. */
function leastLeft(
  evaluator: LocalEvaluator,
  machines: readonly (readonly number[])[],
  { losses, floor }: SurvivalRule,
  whole: number,
): { readonly left: number; readonly flows: number } {
  const { start, end } = evaluator;
  const holders = machines
    .map((all) => {
      const nodes = all.filter((node) => start[node] !== end[node]);
      const carries = nodes.reduce((sum, node) => sum + evaluator.linkedRate(node), 0);
      return { nodes, carries };
    })
    .filter(({ nodes }) => nodes.length > 0)
    .sort((a, b) => b.carries - a.carries);
  let [left, flows] = [floor * whole, 0];
  const visit = (from: number, open: number, carried: number): void => {
    if (open === 0) {
      flows += 1;
      left = Math.min(left, evaluator.flow(left));
      return;
    }
    for (let at = from; at + open <= holders.length; at++) {
      const { nodes, carries } = holders[at]!;
      // A loss leaves at least what the machines lost could not carry.
      if (flows >= MOST_FLOWS || whole - carried - open * carries >= left) return;
      const held = nodes.map((node) => [node, start[node]!, end[node]!] as const);
      for (const node of nodes) evaluator.place(node, 0, 0);
      visit(at + 1, open - 1, carried + carries);
      for (const [node, first, last] of held) evaluator.place(node, first, last);
    }
  };
  if (holders.length > 0) visit(0, Math.min(losses, holders.length), 0);
  return { left, flows };
}
