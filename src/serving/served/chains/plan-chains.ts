import type { Placement } from "../../../core/placement.js";
import { createRandom } from "../../../core/random.js";
import type { PlanningProblem } from "../../../planner/problem/problem.js";
import { evaluateOpen } from "../../../planner/problem/measure-throughput.js";
import { listChains } from "../../simulate/chains/chain.js";
import type { Lengths } from "../../../model/lengths.js";
import type { PlannedChain } from "./chain-layers.js";
import { createChainRates, placeChains, type ChainEngineOf } from "./chain-rates.js";
import { improveChains, sumAtMost, sumRates } from "./improve-chains.js";
import { listObvious } from "./list-obvious.js";

/** How a search for chains spends its effort. */
export interface ChainEffort {
  readonly seed: number;
  /** Moves without a gain after which it ends. */
  readonly patience: number;
  /** Moves at most. */
  readonly moves: number;
  readonly outOfTime: () => boolean;
  /** Called between moves, so that an interrupt can be seen. */
  readonly breathe: () => Promise<void>;
  readonly onBetter?: (decodeTokensPerSecond: number, from: string) => void;
}

export interface ChainsPlan {
  readonly placement: Placement;
  /** Decode tokens/s by the chains' trials. */
  readonly decodeTokensPerSecond: number;
  /** What stood on trial, and what each serves, or at most serves where that is less than the best so far. */
  readonly starts: readonly { readonly name: string; readonly decodeTokensPerSecond: number }[];
}

/**
 * The chains that serve most under the engine: the obvious ones and all placements known are put on
 * trial as they are, then the best is improved by taking chains apart. Nothing worse than any of the
 * starts is returned. Undefined when no chain serves anything.
 * @param known placements by name; those that are no chains are left out.
 */
export async function planChains(
  problem: PlanningProblem,
  engine: ChainEngineOf,
  lengths: Lengths,
  known: readonly { readonly name: string; readonly placement: Placement }[],
  effort: ChainEffort,
): Promise<ChainsPlan | undefined> {
  const { cluster, constraints } = problem;
  const rates = createChainRates(cluster, engine, lengths, effort.seed);
  const free = constraints.pins.size === 0 && constraints.maxNodesPerStage === undefined;
  const nodes = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node));
  const stock = { cluster, nodes, mostNodes: constraints.maxDepth ?? Infinity };
  const worths: { name: string; decodeTokensPerSecond: number }[] = [];
  let chains: readonly PlannedChain[] = [];
  let worth = 0;
  const judge = (name: string, candidate: readonly PlannedChain[]): void => {
    // What cannot be better by its saturated rates needs no trial.
    const most = sumAtMost(candidate, rates);
    const served = most > worth ? sumRates(candidate, rates) : most;
    worths.push({ name, decodeTokensPerSecond: served });
    if (most <= worth || served <= worth) return;
    chains = candidate;
    worth = served;
    effort.onBetter?.(worth, name);
  };
  for (const { name, placement } of known) {
    await effort.breathe();
    if (effort.outOfTime() && worth > 0) break;
    const candidate = readChains(problem, placement);
    if (candidate !== undefined) judge(name, candidate);
  }
  if (free)
    for (const obvious of listObvious(stock, rates)) {
      judge(obvious.name, obvious.chains);
      await effort.breathe();
      if (effort.outOfTime() && worth > 0) break;
    }
  if (worth === 0) return undefined;
  const random = createRandom(effort.seed);
  let idle = 0;
  const moves = free ? effort.moves : 0;
  for (let move = 0; move < moves && idle < effort.patience; move += 1) {
    await effort.breathe();
    if (effort.outOfTime()) break;
    const better = improveChains(stock, chains, rates, random);
    idle += 1;
    if (better === chains) continue;
    chains = better;
    worth = sumRates(chains, rates);
    idle = 0;
    effort.onBetter?.(worth, "moves");
  }
  const serving = chains.filter((chain) => rates.of(chain) > 0);
  return { placement: placeChains(cluster, serving), decodeTokensPerSecond: worth, starts: worths };
}

/** The chains of a placement under the problem's rules; undefined where it is none. */
function readChains(
  problem: PlanningProblem,
  placement: Placement,
): readonly PlannedChain[] | undefined {
  const { carried } = evaluateOpen(problem, placement);
  const { chains, inTheWay } = listChains(
    placement,
    carried.links.filter(({ flow }) => flow > 1e-9 * carried.throughput),
  );
  if (inTheWay.length > 0 || chains.length === 0) return undefined;
  return chains.map(({ nodes }) => ({ nodes, layers: nodes.map((node) => placement[node]!) }));
}
