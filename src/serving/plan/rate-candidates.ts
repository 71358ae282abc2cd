import type { ChosenEngine } from "../../engines/choose-engine.js";
import type { Placement } from "../../core/placement.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { createChainRates } from "../served/chains/chain-rates.js";
import { placeChains } from "../served/chains/place-chains.js";
import { describeLikeness } from "../served/chains/chain-layers.js";
import { listObvious } from "../served/chains/list-obvious.js";
import { readChains } from "../served/chains/plan-chains.js";
import { findLeastLatency } from "../served/least-latency.js";

/** The quickest pipeline for one user, where nothing else is asked for. */
export function findQuickest(
  { cluster, constraints }: PlanningProblem,
  { engine }: ChosenEngine,
): Placement | undefined {
  if (constraints.pins.size > 0) return undefined;
  return findLeastLatency(cluster, engine.overhead, constraints)?.placement;
}

/** What anybody would make by hand, where pins leave it open. */
export function* listByHand(
  { cluster, constraints }: PlanningProblem,
  { engine }: ChosenEngine,
  seed: number,
  isOver: () => boolean,
): Generator<Placement> {
  if (constraints.pins.size > 0 || constraints.maxNodesPerStage !== undefined) return;
  const lengths = chooseLengths(cluster.workload);
  const rates = createChainRates(cluster, engine, lengths, { seed, tooLate: isOver });
  const nodes = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node));
  const stock = { cluster, nodes, mostNodes: constraints.maxDepth ?? Infinity };
  for (const { chains } of listObvious(stock, rates))
    if (chains.length > 0) yield placeChains(cluster, chains);
}

/** The placement without all chains of a kind, and without one of each: slow ones may be what breaks a limit. */
export function* listWithoutChains(
  problem: PlanningProblem,
  placement: Placement,
): Generator<Placement> {
  if (problem.constraints.pins.size > 0) return;
  const chains = readChains(problem, placement);
  if (chains === undefined || chains.length < 2) return;
  const kinds = new Map<string, typeof chains>();
  for (const chain of chains) {
    const key = describeLikeness(problem.cluster, chain);
    kinds.set(key, [...(kinds.get(key) ?? []), chain]);
  }
  for (const alike of kinds.values()) {
    const others = chains.filter((chain) => !alike.includes(chain));
    if (others.length > 0) yield placeChains(problem.cluster, others);
  }
  for (const [first] of kinds.values())
    yield placeChains(
      problem.cluster,
      chains.filter((chain) => chain !== first),
    );
}
