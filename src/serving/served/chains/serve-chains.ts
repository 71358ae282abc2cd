import type { Engine } from "../../../engines/engine.js";
import type { EngineAsked } from "../../../engines/choose-engine.js";
import type { Placement } from "../../../core/placement.js";
import { evaluateOpen } from "../../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../../planner/problem/problem.js";
import { meanRequest } from "../../../model/choose-lengths.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import { runSettled } from "./settled-run.js";
import { simulatePlacement } from "../../simulate/simulate-placement.js";
import type { Cluster } from "../../../core/cluster.js";
import type { LinkFlow } from "../../../planner/graph/evaluate-placement.js";
import { decodeShare } from "../bound-served.js";
import { describeLikeness, listSiblings, type PlannedChain } from "./chain-layers.js";
import type { ChainTrial } from "./chain-rates.js";
import { linksOf } from "./place-chains.js";
import { addUp, figuresOfRun, type ChainsServed } from "./chains-served.js";
import {
  longestWindow,
  NODES_BATCH,
  NODES_TRIAL,
  slowest,
  TRIAL,
  windowOf,
  type TrialWindow,
  type WindowSize,
} from "./trial-window.js";

/** Kinds of chains that are run one by one, at most. */
const MOST_KINDS = 60;

const MOST_TOKENS = 1.2e7;

/** The run of an engine of chains whose figures stand in the placement file: like that of `simulate`, where there is time. */
export const FINAL_RUN: Omit<WindowSize, "mostTokens"> = {
  warmupStays: 18,
  windowStays: 30,
  mostWarmupSeconds: 900,
  mostWindowSeconds: 3000,
};

/** Share of the time left that runs may take by the pace of those before. */
const SAFE = 0.7;

/** The time that is left for runs, and what to say without one. */
export interface TimeLeft {
  /** Seconds. */
  left(): number;
  /** Decode tokens made per second of computing; undefined where nobody has looked. */
  readonly pace: number | undefined;
  readonly trialOf?: (chain: PlannedChain) => ChainTrial | undefined;
}

/** Decode tokens that can be made in the time that is left; any number where nobody knows. */
export function tokensLeft(time: TimeLeft | undefined): number {
  return time?.pace === undefined ? Infinity : SAFE * Math.max(0, time.left()) * time.pace;
}

interface LastRun {
  readonly seed: number;
  readonly asked: EngineAsked;
  /** Decode tokens that the runs may make: they take seconds. Default 12 million. */
  readonly mostTokens?: number;
  /** Default as long as it takes. */
  readonly time?: TimeLeft;
  /** Default that of engines of chains. */
  readonly size?: Omit<WindowSize, "mostTokens">;
}

/** With the share of the decode tokens/s that trials show and no run since. */
export interface LastServed extends ChainsServed {
  readonly fromTrials?: number;
}

/**
 * Simulates chains at full load, all of them together. Where so many run that the run would end before the first
 * requests have gone (it then shows prompts and few decodes), one chain of each kind runs alone for as long
 * as it takes, and counts as often as there are such chains: chains share nodes with nobody. NICs that several
 * chains share do not bind in that case, beyond what the flow allows. Kinds for which no time is left, the rarest, stand
 * there with what their trials have shown.
 */
export function serveChains(
  problem: PlanningProblem,
  placement: Placement,
  chains: readonly PlannedChain[],
  engine: Engine,
  run: LastRun,
): LastServed {
  const { cluster, partialInference } = problem;
  const { time, seed, size: stays = FINAL_RUN } = run;
  const asked = { ...run.asked, partialInference, begins: "full" } as const;
  const saturated = saturatedCluster(cluster, engine);
  const budget = (): number => tokensLeft(time);
  const simulate = (
    own: Placement,
    links: readonly LinkFlow[],
    window: TrialWindow & { readonly seed: number },
  ): ChainsServed => {
    const options = { ...asked, links, ...window };
    return figuresOfRun(
      engine.batching.kind === "chain"
        ? simulatePlacement(cluster, own, options).result
        : runSettled(cluster, own, options).result,
    );
  };
  const makes = (some: readonly PlannedChain[], window: TrialWindow): number =>
    some.reduce((sum, chain) => sum + slowest(saturated, chain), 0) *
    decodeShare(cluster) *
    (window.warmupSeconds + window.durationSeconds);
  const kinds = listKinds(cluster, chains);
  const mostTokens = Math.min(MOST_TOKENS, run.mostTokens ?? MOST_TOKENS);
  const size = { ...stays, mostTokens: Math.min(mostTokens, budget()) };
  const together = longestWindow(cluster, chains, engine, size);
  const few = kinds.length <= MOST_KINDS;
  if ((together.whole || !few) && makes(chains, together) <= budget())
    return simulate(placement, evaluateOpen(problem, placement).carried.links, {
      ...together,
      seed,
    });
  const { promptTokens, outputTokens } = meanRequest(cluster.workload);
  const batching = engine.batching.kind === "chain" ? engine.batching : NODES_BATCH;
  const rules = { batching, tokens: promptTokens + outputTokens };
  const trialSize = engine.batching.kind === "chain" ? TRIAL : NODES_TRIAL;
  return joinKinds(
    kinds.map((alike, at) => {
      const chain = alike[0]!;
      const count = alike.length;
      const share = Math.min(mostTokens / kinds.length, budget() / (kinds.length - at));
      const window = windowOf(saturated, chain, rules, { ...stays, mostTokens: share });
      // A run begins full, with all requests at their beginning: one shorter than a trial has seen less than that.
      const short = windowOf(saturated, chain, rules, trialSize);
      const poor =
        window.durationSeconds < short.durationSeconds || makes([chain], window) > budget();
      const trial = poor ? time?.trialOf?.(chain) : undefined;
      if (trial !== undefined) return { count, served: trial.served, ofTrial: true };
      const own = keepHosts(cluster, placement, chain);
      // `explain` runs kinds of an engine's chains by one seed. Where nodes batch for themselves runs are so short that kinds
      // nearly alike would be wrong together.
      const served = simulate(own, linksOf(chain), {
        ...window,
        seed: engine.batching.kind === "chain" ? seed : seed + at,
      });
      return { count, served, ofTrial: false };
    }),
  );
}

/** Chains that serve alike, the most first. */
function listKinds(
  cluster: Cluster,
  chains: readonly PlannedChain[],
): readonly (readonly PlannedChain[])[] {
  const kinds = new Map<string, PlannedChain[]>();
  for (const chain of chains) {
    const key = describeLikeness(cluster, chain);
    kinds.set(key, [...(kinds.get(key) ?? []), chain]);
  }
  return [...kinds.values()].toSorted((a, b) => b.length - a.length);
}

/** The chain alone; other parts of its machines hold what they do, and have their share of the wires. */
function keepHosts(cluster: Cluster, placement: Placement, { nodes }: PlannedChain): Placement {
  const kept = new Set([...nodes, ...listSiblings(cluster, nodes)]);
  return placement.map((held, node) => (kept.has(node) ? held : null));
}

interface KindServed {
  readonly count: number;
  readonly served: ChainsServed;
  readonly ofTrial: boolean;
}

function joinKinds(kinds: readonly KindServed[]): LastServed {
  const all = addUp(kinds);
  const tried = addUp(kinds.filter(({ ofTrial }) => ofTrial));
  const fromTrials = tried.decodeTokensPerSecond / all.decodeTokensPerSecond;
  return fromTrials > 0 ? { ...all, fromTrials } : all;
}
