import { borderSecondsPerByte, ringBytesPerSecond, ringFactor } from "./links.js";
import { nodesOfRanks, nodesOfStage } from "./rank-map.js";
import { createProfileIndex, type LatticeState, type StageLattice } from "./stage-lattice.js";
import type { Strategy } from "./strategies.js";
import type { TrainingCluster } from "./training-cluster.js";

/**
 * A lattice of given node orders: one chain of states per order, chains not connected.
 * O(orders · GPUs).
 * @param complete whether the list holds every order that differs in cost.
 */
export function buildListedLattice(
  cluster: TrainingCluster,
  strategy: Strategy,
  orders: readonly (readonly number[])[],
  complete: boolean,
): StageLattice {
  const { profiles, indexOf } = createProfileIndex();
  const rankNodes = orders.map((order) => nodesOfRanks(cluster, order));
  const stages = Array.from({ length: strategy.stages }, (_, stage) =>
    rankNodes.map((ranks, chain): LatticeState => {
      const machines = nodesOfStage(strategy, ranks, stage).map(
        (node) => cluster.nodes[node]!.machine,
      );
      return {
        profile: indexOf(machines),
        ringSecondsPerByte: slowestRing(cluster, strategy, ranks, stage),
        edges:
          stage === 0
            ? []
            : [
                {
                  state: chain,
                  secondsPerByte: borderSecondsPerByte(cluster, strategy, ranks, stage - 1),
                },
              ],
      };
    }),
  );
  return { profiles, stages, complete, orderOf: (path) => orders[path[0]!]! };
}

function slowestRing(
  cluster: TrainingCluster,
  strategy: Strategy,
  ranks: Int32Array,
  stage: number,
): number {
  let bandwidth = Infinity;
  for (let tensor = 0; tensor < strategy.tensorParallel; tensor++) {
    const ring = ringBytesPerSecond(cluster, strategy, ranks, stage, tensor, false);
    bandwidth = Math.min(bandwidth, ring);
  }
  return ringFactor(strategy.dataParallel) / bandwidth;
}
