import type { Engine } from "../../../engines/engine.js";
import type { Cluster } from "../../../core/cluster.js";
import type { Placement } from "../../../core/placement.js";
import { createRandom } from "../../../core/random.js";
import type { Lengths } from "../../../model/lengths.js";
import type { PlanningProblem } from "../../../planner/problem/problem.js";
import { evaluateOpen } from "../../../planner/problem/measure-throughput.js";
import { listChains } from "../../simulate/chains/chain.js";
import type { PlannedChain } from "./chain-layers.js";
import { createChainRates, type ChainRates, type TrialMemory } from "./chain-rates.js";
import { placeChains } from "./place-chains.js";
import { servesMore, sumAtMost, sumRates } from "./compare-chains.js";
import { improveChains, polishChains } from "./improve-chains.js";
import { listObvious } from "./list-obvious.js";
import type { ServiceLimits } from "../limits.js";
import type { TimeLeft } from "./serve-chains.js";

/** How a search for chains spends its effort. */
export interface ChainEffort {
  readonly seed: number;
  /** What is known of chains already, and what gets known. */
  readonly memory?: TrialMemory | undefined;
  /** Limits within which chains are to serve, by themselves; the memory is of such trials then. */
  readonly within?: ServiceLimits | undefined;
  /** Moves without a gain after which it ends. */
  readonly patience: number;
  /** Moves at most. */
  readonly moves: number;
  readonly outOfTime: () => boolean;
  /** Seconds that a trial may still take. Default any number. */
  readonly secondsLeft?: () => number;
  /** Seconds on a clock, to see how long trials take. */
  readonly now?: () => number;
  /** Trials at most, once a chain is known that serves something. Default any number. */
  readonly trials?: number;
  /** Called between moves, so that an interrupt can be seen. */
  readonly breathe: () => Promise<void>;
  readonly onBetter?: (decodeTokensPerSecond: number, from: string) => void;
}

export interface ChainsPlan {
  readonly placement: Placement;
  readonly chains: readonly PlannedChain[];
  /** Decode tokens/s of each, by its trial. */
  readonly worths: readonly number[];
  /** Decode tokens/s by the chains' trials. */
  readonly decodeTokensPerSecond: number;
  /** What stood on trial, and what each serves, or at most serves where that is less than the best so far. */
  readonly starts: readonly ChainsStart[];
}

/** Chains that stood on trial. */
export interface ChainsStart {
  readonly name: string;
  readonly chains: readonly PlannedChain[];
  /** Decode tokens/s that they serve, or at most serve. */
  readonly worth: number;
}

/** A search for the chains that serve most: starts are put on trial as they are, the best is improved. */
export interface ChainSearch {
  /** A placement known from elsewhere; one that is no set of chains is left out. */
  judge(name: string, placement: Placement): Promise<void>;
  /** Chains known from elsewhere. */
  judgeChains(name: string, chains: readonly PlannedChain[]): Promise<void>;
  /** What anybody would make by hand, until time is out. */
  judgeObvious(): Promise<void>;
  /** Takes chains of the best apart and chains their nodes anew, until effort or time is out. */
  improve(): Promise<void>;
  /** How long the last run of a chain may be: by what trials took, and what they have shown. */
  timeUntil(seconds: number): TimeLeft | undefined;
  /** Nothing worse than any start judged. Undefined when no chain serves anything. */
  best(): ChainsPlan | undefined;
}

/** @param lengths of the requests of the trials. */
export function createChainSearch(
  problem: PlanningProblem,
  engine: Engine,
  lengths: Lengths,
  effort: ChainEffort,
): ChainSearch {
  const { cluster, constraints } = problem;
  let trials = 0;
  const rates = createChainRates(cluster, engine, lengths, {
    seed: effort.seed,
    memory: effort.memory,
    within: effort.within,
    now: effort.now,
    secondsLeft: effort.secondsLeft,
    tooLate: () => effort.outOfTime() || (trials += 1) > (effort.trials ?? Infinity),
  });
  const free = constraints.pins.size === 0 && constraints.maxNodesPerStage === undefined;
  const nodes = cluster.nodes
    .map((_, node) => node)
    .filter((node) => !constraints.drained.has(node));
  const stock = { cluster, nodes, mostNodes: constraints.maxDepth ?? Infinity };
  const starts: Start[] = [];
  let chains: readonly PlannedChain[] = [];
  let worth = 0;
  const late = (): boolean => worth > 0 && effort.outOfTime();

  function compare(name: string, candidate: readonly PlannedChain[]): void {
    const noise = candidate.reduce((sum, chain) => sum + rates.noiseOf(chain), 0);
    starts.push({ name, chains: candidate });
    // What cannot be better by its saturated rates needs no trial.
    if (
      sumAtMost(candidate, rates) + noise <= worth ||
      !servesMore(cluster, [candidate, chains], rates)
    )
      return;
    chains = candidate;
    worth = sumRates(chains, rates);
    effort.onBetter?.(worth, name);
  }

  /** @returns whether the chains are others. */
  function take(better: readonly PlannedChain[]): boolean {
    if (better === chains) return false;
    chains = better;
    worth = sumRates(chains, rates);
    effort.onBetter?.(worth, "chains made anew");
    return true;
  }

  async function polish(): Promise<void> {
    for (const changed of polishChains(stock, chains, rates)) {
      take(changed);
      await effort.breathe();
      if (effort.outOfTime()) return;
    }
  }

  return {
    async judge(name, placement) {
      await effort.breathe();
      if (late()) return;
      const candidate = readChains(problem, placement);
      if (candidate !== undefined) compare(name, candidate);
    },
    async judgeChains(name, known) {
      await effort.breathe();
      if (!late()) compare(name, known);
    },
    async judgeObvious() {
      if (!free) return;
      for (const obvious of listObvious(stock, rates)) {
        compare(obvious.name, obvious.chains);
        await effort.breathe();
        if (late()) return;
      }
    },
    async improve() {
      if (!free || worth === 0 || effort.moves === 0) return;
      await polish();
      const random = createRandom(effort.seed);
      let idle = 0;
      for (let move = 0; move < effort.moves && idle < effort.patience; move += 1) {
        await effort.breathe();
        if (effort.outOfTime()) return;
        idle = take(improveChains(stock, chains, rates, random)) ? 0 : idle + 1;
      }
      await polish();
    },
    timeUntil(seconds) {
      const { now } = effort;
      if (now === undefined || seconds === Infinity) return undefined;
      return { left: () => seconds - now(), pace: rates.pace(), trialOf: rates.trialOf };
    },
    best() {
      if (worth === 0) return undefined;
      return describePlan(cluster, bestOf(chains, starts, rates), starts, rates);
    },
  };
}

interface Start {
  readonly name: string;
  readonly chains: readonly PlannedChain[];
}

/** By what longer trials have shown since, a start may be better than the best after all. */
function bestOf(
  chains: readonly PlannedChain[],
  starts: readonly Start[],
  rates: ChainRates,
): readonly PlannedChain[] {
  let best = chains;
  for (const start of starts) {
    if (sumAtMost(start.chains, rates) <= sumRates(best, rates)) continue;
    if (sumRates(start.chains, rates) > sumRates(best, rates)) best = start.chains;
  }
  return best;
}

function describePlan(
  cluster: Cluster,
  best: readonly PlannedChain[],
  starts: readonly Start[],
  rates: ChainRates,
): ChainsPlan {
  const serving = best.filter((chain) => rates.of(chain) > 0);
  return {
    placement: placeChains(cluster, serving),
    chains: serving,
    worths: serving.map((chain) => rates.of(chain)),
    decodeTokensPerSecond: sumRates(serving, rates),
    starts: starts.map(({ name, chains }) => ({
      name,
      chains,
      worth: sumAtMost(chains, rates),
    })),
  };
}

/** The chains of a placement under the problem's rules; undefined where it is none. */
export function readChains(
  problem: PlanningProblem,
  placement: Placement,
): readonly PlannedChain[] | undefined {
  const { carried } = evaluateOpen(problem, placement);
  const { chains, inTheWay } = listChains(
    placement,
    carried.links.filter(({ flow }) => flow > 1e-9 * carried.throughput),
  );
  if (inTheWay.length > 0 || chains.length === 0) return undefined;
  // A pinned node that carries nothing would not be there any more.
  const used = new Set(chains.flatMap(({ nodes }) => nodes));
  for (const [node, [first, end]] of problem.constraints.pins) {
    const held = used.has(node) ? placement[node] : undefined;
    if (held?.[0] !== first || held[1] !== end) return undefined;
  }
  return chains.map(({ nodes }) => ({ nodes, layers: nodes.map((node) => placement[node]!) }));
}
