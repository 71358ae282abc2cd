import type { LayerInterval } from "../../core/placement.js";
import { layNodes } from "../problem/chain.js";
import { groupMachines, type MachineClass } from "../problem/machine-classes.js";
import type { PlanningProblem } from "../problem/problem.js";
import type { SearchContext, Strategy } from "../problem/strategy.js";
import { packChains } from "./chain-packing.js";
import type { ChainPattern } from "./price-chains.js";

/** Node-disjoint pipelines that each hold every layer once ({@link packChains}); with `chainsOnly` they are bounded, too. */
export const pipelinesStrategy: Strategy = (problem, context) => {
  const { constraints, cluster } = problem;
  const classes = groupMachines(cluster, constraints);
  const { chains } = packChains(classes, cluster.model.layers, context.solver, {
    mostChains: constraints.maxNodesPerStage,
    seed: context.seed,
    shouldStop: () => context.shouldStop(),
    onBound: (bound, name) => {
      if (constraints.chainsOnly === true && bound < Infinity) context.offerBound(bound, name);
    },
  });
  if (chains.length > 0) offerChains(problem, context, classes, chains);
};

function offerChains(
  problem: PlanningProblem,
  context: SearchContext,
  classes: readonly MachineClass[],
  chains: readonly ChainPattern[],
): void {
  const intervals: [number, LayerInterval][] = [];
  const handedOut = new Int32Array(classes.length);
  for (const { nodes } of chains) {
    let border = 0;
    for (const [machineClass, held] of nodes) {
      const node = classes[machineClass]!.nodes[handedOut[machineClass]!++]!;
      intervals.push([node, [border, (border += held)]]);
    }
  }
  context.offer(layNodes(problem, intervals));
}
