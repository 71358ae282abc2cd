import { COORDINATOR, type Cluster } from "../src/core/cluster.js";
import type { Placement } from "../src/core/placement.js";
import { clusterUnder } from "../src/engines/cluster-under.js";
import type { LinkFlow } from "../src/planner/graph/evaluate-placement.js";
import { evaluateOpen } from "../src/planner/problem/measure-throughput.js";
import type { PlannedChain } from "../src/serving/served/chains/chain-layers.js";
import { longestWindow } from "../src/serving/served/chains/trial-window.js";
import { problemFor } from "../src/serving/served/problem-for.js";
import { listChains } from "../src/serving/simulate/chains/chain.js";
import { simulatePlacement } from "../src/serving/simulate/simulate-placement.js";

/** Runs begin full: one that begins empty shows for many stays what no cluster goes on serving. */
const WINDOW = {
  warmupStays: 10,
  windowStays: 20,
  mostWarmupSeconds: 3000,
  mostWindowSeconds: 6000,
  mostTokens: 8e6,
};
/** For engines whose nodes batch for themselves. */
export const NODE_WINDOW = { warmupSeconds: 200, durationSeconds: 300 };
/** Seeds that no planning has seen. */
const FINAL_SEEDS = [5003, 5009];

/** Decode tokens/s of a whole placement with its flow. */
export interface FleetRun {
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly chains: readonly PlannedChain[];
  readonly links: readonly LinkFlow[];
}

/** The placement with the flow that the simulator would give it. */
export function runOf(cluster: Cluster, placement: Placement): FleetRun {
  const { links } = evaluateOpen(problemFor(cluster, {}), placement).carried;
  return { cluster, placement, links, chains: chainsOf(placement, links) };
}

/** Decode tokens/s of a run with each of the fresh seeds. */
export function serveFleet(
  { cluster, placement, chains, links }: FleetRun,
  mostTokens = WINDOW.mostTokens,
): readonly number[] {
  const { engine } = clusterUnder(cluster, {}).chosen;
  const window =
    engine.batching.kind === "chain"
      ? longestWindow(cluster, chains, engine, { ...WINDOW, mostTokens })
      : NODE_WINDOW;
  return FINAL_SEEDS.map(
    (seed) =>
      simulatePlacement(cluster, placement, { links, seed, begins: "full", ...window }).result
        .decodeTokensPerSecond,
  );
}

/** The pipelines that a flow travels. */
export function chainsOf(
  placement: Placement,
  links: readonly LinkFlow[],
): readonly PlannedChain[] {
  const { chains } = listChains(
    placement,
    links.filter(({ flow }) => flow > 0),
  );
  return chains.map(({ nodes }) => ({ nodes, layers: nodes.map((node) => placement[node]!) }));
}

/** A flow along one pipeline. */
export function linksOf({ nodes }: PlannedChain, flow: number): readonly LinkFlow[] {
  const way = [COORDINATOR, ...nodes, COORDINATOR];
  return way.slice(1).map((to, at) => ({ from: way[at]!, to, flow, capacity: flow }));
}
