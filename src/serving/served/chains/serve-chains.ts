import type { ChainBatching, Engine } from "../../../engines/engine.js";
import type { EngineAsked } from "../../../engines/choose-engine.js";
import type { Placement } from "../../../core/placement.js";
import { evaluateOpen } from "../../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../../planner/problem/problem.js";
import { meanRequest } from "../../../model/choose-lengths.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import { simulatePlacement } from "../../simulate/simulate-placement.js";
import { describeLikeness, listSiblings, type PlannedChain } from "./chain-layers.js";
import { linksOf } from "./chain-rates.js";
import { longestWindow, windowOf, type WindowSize } from "./trial-window.js";

/** What chains serve at full load, by simulation. */
export interface ChainsServed {
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
  readonly timeToFirstToken: number;
  readonly timePerOutputToken: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

/** Kinds of chains that are run one by one, at most. */
const MOST_KINDS = 60;

const MOST_TOKENS = 1.2e7;

/** The run whose figures stand in the placement file. */
const FINAL_RUN: Omit<WindowSize, "mostTokens"> = {
  warmupStays: 4,
  windowStays: 12,
  mostWarmupSeconds: 3000,
  mostWindowSeconds: 9000,
};

/**
 * Simulates chains at full load, all of them together. Where so many run that the run would end before the first
 * requests have gone (it then shows prompts and few decodes), one chain of each kind runs alone for as long
 * as it takes, and counts as often as there are such chains: chains share nodes with nobody. NICs that several
 * chains share do not bind in that case, beyond what the flow allows.
 */
export function serveChains(
  problem: PlanningProblem,
  placement: Placement,
  chains: readonly PlannedChain[],
  engine: Engine & { readonly batching: ChainBatching },
  run: {
    readonly seed: number;
    readonly asked: EngineAsked;
    /** Decode tokens that the runs may make: they take seconds. Default 12 million. */
    readonly mostTokens?: number;
  },
): ChainsServed {
  const { cluster } = problem;
  const kinds = new Map<string, PlannedChain[]>();
  for (const chain of chains) {
    const key = describeLikeness(cluster, chain);
    kinds.set(key, [...(kinds.get(key) ?? []), chain]);
  }
  const mostTokens = Math.min(MOST_TOKENS, run.mostTokens ?? MOST_TOKENS);
  const size = { ...FINAL_RUN, mostTokens };
  const together = longestWindow(cluster, chains, engine, size);
  const simulate = (own: Placement, window: object, alone?: PlannedChain): ChainsServed => {
    const links = alone === undefined ? evaluateOpen(problem, own).carried.links : linksOf(alone);
    const { result } = simulatePlacement(cluster, own, {
      ...run.asked,
      seed: run.seed,
      links,
      ...window,
    });
    return {
      decodeTokensPerSecond: result.decodeTokensPerSecond,
      promptTokensPerSecond: result.promptTokensPerSecond,
      timeToFirstToken: result.timeToFirstToken.mean,
      timePerOutputToken: result.timePerOutputToken.mean,
      concurrency: result.meanInFlight,
    };
  };
  // Other parts of its machines have their share of the wires, whoever runs.
  const keepHosts = ({ nodes }: PlannedChain): Placement => {
    const kept = new Set([...nodes, ...listSiblings(cluster, nodes)]);
    return placement.map((held, node) => (kept.has(node) ? held : null));
  };
  if (together.whole || kinds.size > MOST_KINDS) return simulate(placement, together);
  const saturated = saturatedCluster(cluster, engine);
  const { promptTokens, outputTokens } = meanRequest(cluster.workload);
  const rules = { batching: engine.batching, tokens: promptTokens + outputTokens };
  const each = { ...size, mostTokens: mostTokens / kinds.size };
  return addUp(
    [...kinds.values()].map((alike) => {
      const one = alike[0]!;
      const window = windowOf(saturated, one, rules, each);
      return { count: alike.length, served: simulate(keepHosts(one), window, one) };
    }),
  );
}

/** Sums of what is counted, means by tokens decoded of what is waited. */
function addUp(
  kinds: readonly { readonly count: number; readonly served: ChainsServed }[],
): ChainsServed {
  const sum = (of: (served: ChainsServed) => number): number =>
    kinds.reduce((total, { count, served }) => total + count * of(served), 0);
  const decode = sum((served) => served.decodeTokensPerSecond);
  const mean = (of: (served: ChainsServed) => number): number =>
    decode === 0
      ? 0
      : sum((served) =>
          served.decodeTokensPerSecond > 0 ? served.decodeTokensPerSecond * of(served) : 0,
        ) / decode;
  return {
    decodeTokensPerSecond: decode,
    promptTokensPerSecond: sum((served) => served.promptTokensPerSecond),
    timeToFirstToken: mean((served) => served.timeToFirstToken),
    timePerOutputToken: mean((served) => served.timePerOutputToken),
    concurrency: sum((served) => served.concurrency),
  };
}
