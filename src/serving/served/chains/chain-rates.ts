import type { Engine } from "../../../engines/engine.js";
import { saturatedCluster } from "../../../engines/rates-under.js";
import type { Cluster, Machine } from "../../../core/cluster.js";
import { askFor } from "../../../engines/choose-engine.js";
import { OFFLINE } from "../../simulate/traffic.js";
import type { ServiceLimits } from "../limits.js";
import { windowOfArrivals, type RunLength } from "../rate-runs.js";
import { serveWithin } from "./serve-within.js";
import type { Lengths } from "../../../model/lengths.js";
import { decodeShare } from "../bound-served.js";
import { describeLikeness, type PlannedChain } from "./chain-layers.js";
import { isLinked, linksOf, placeOnTrial } from "./place-chains.js";
import { runAlone, type ChainEngineOf } from "./run-alone.js";
import { runSettled, type SettledRun } from "./settled-run.js";
import { addUp, figuresOfRun, type ChainsServed } from "./chains-served.js";
import { trialNoise } from "./trial-noise.js";
import {
  LONG_TRIAL,
  NODES_BATCH,
  NODES_LONG_TRIAL,
  NODES_TRIAL,
  slowest,
  TRIAL,
  windowOf,
  type TrialWindow,
} from "./trial-window.js";

/** What chains serve at full load, or within limits where there are any. Decode tokens/s. */
export interface ChainRates {
  /** By a trial run, alike chains once. */
  of(chain: PlannedChain): number;
  /** What no run exceeds: of the stages' saturated rates and the links between them the least. O(stages). */
  atMost(chain: PlannedChain): number;
  /** What a trial shows is told from another only where they lie farther apart ({@link trialNoise}); 0 without a trial. */
  noiseOf(chain: PlannedChain): number;
  /** What is known of the chain. */
  trialOf(chain: PlannedChain): ChainTrial | undefined;
  /** Decode tokens that runs make per second of computing; undefined before the first, and without a clock. */
  pace(): number | undefined;
  /** Tries the chain once more, for longer and with other requests: from then on that trial counts. */
  tryLonger(chain: PlannedChain): void;
}

/** What trials have shown of chains, for all clusters of the same machine types and links: those of other parts. */
export interface TrialMemory {
  /** By likeness. */
  readonly known: Map<string, ChainTrial>;
  /** How long runs take to compute. */
  readonly pace: { tokens: number; visits: number; seconds: number };
  /** The machine types with saturated rates. */
  readonly machines: readonly Machine[];
}

/** A chain's run. */
export interface ChainTrial {
  readonly served: ChainsServed;
  readonly noise: number;
  readonly longer?: true;
}

/** How chains are put on trial. */
export interface ChainTrials {
  readonly seed: number;
  readonly memory?: TrialMemory | undefined;
  /** Near equals need not be told apart: no trial is made again for longer. */
  readonly short?: true;
  /**
   * Under an engine of chains: what counts is what a chain serves at the highest rate of random arrivals at which it keeps these by
   * itself. Such trials have a memory of their own.
   */
  readonly within?: ServiceLimits | undefined;
  /**
   * Asked before a trial, once a chain is known that serves something: from then on chains that are not known
   * serve nothing. Default never.
   */
  readonly tooLate?: () => boolean;
  /** Seconds on a clock, to see how long runs take. */
  readonly now?: (() => number) | undefined;
  /** Of computing: a trial that takes longer, by what trials took before, is one too late. Default any number. */
  readonly secondsLeft?: (() => number) | undefined;
}

type TrialLength = "short" | "long";

/** With the simulated seconds that were asked for. */
interface TrialDone extends SettledRun {
  readonly asked: number;
}

interface TrialRun {
  readonly length: TrialLength;
  readonly seed: number;
}

/** Of a chain that a link is missing of. */
const UNLINKED: ChainTrial = { served: addUp([]), noise: 0 };
/** A run at a rate of arrivals. */
const RATE_TRIAL: RunLength = { tokens: 1e5, leastSeconds: 40 };
/** Longer trials see other requests than short ones. */
const LONG_SEED = 104_729;
/** Times a short trial that a longer one must count to be worth its while. */
const TELLS_MORE = 2.5;
const TRIALS = {
  chain: { short: TRIAL, long: LONG_TRIAL },
  nodes: { short: NODES_TRIAL, long: NODES_LONG_TRIAL },
} as const;

/** Nothing tried yet. O(machine types · layers). */
export function createTrialMemory(cluster: Cluster, engine: Engine): TrialMemory {
  const { machines } = saturatedCluster(cluster, engine);
  return { known: new Map(), pace: { tokens: 0, visits: 0, seconds: 0 }, machines };
}

/**
 * Judges chains by simulating each alone at full load, alike ones once. Chains share nothing, so a
 * placement serves what its chains serve together, under engines whose nodes form their own batches as well. One trial
 * is O(tokens made).
 */
export function createChainRates(
  cluster: Cluster,
  engine: Engine,
  lengths: Lengths,
  {
    seed,
    memory,
    now,
    secondsLeft = () => Infinity,
    tooLate = () => false,
    short,
    within,
  }: ChainTrials,
): ChainRates {
  const { batching } = engine;
  const limits = batching.kind === "chain" ? within : undefined;
  let serves = false;
  const { known, pace, machines } = memory ?? createTrialMemory(cluster, engine);
  const saturated = { ...cluster, machines };
  const share = decodeShare(cluster);
  const tokens = lengths.meanPromptTokens + lengths.meanOutputTokens;
  const bound = (chain: PlannedChain): number => share * slowest(saturated, chain);
  const trialOf = (chain: PlannedChain): ChainTrial | undefined =>
    known.get(describeLikeness(cluster, chain));
  return {
    of(chain) {
      const likeness = describeLikeness(cluster, chain);
      const before = known.get(likeness);
      if (before !== undefined) return before.served.decodeTokensPerSecond;
      if (serves && (tooLate() || secondsOf(chain) > secondsLeft())) return 0;
      const within = serves ? secondsLeft() : Infinity;
      const trial = isLinked(cluster, chain) ? measure(chain, "short", within) : UNLINKED;
      if (trial === undefined) return 0;
      const { decodeTokensPerSecond } = trial.served;
      serves ||= decodeTokensPerSecond > 0;
      known.set(likeness, trial);
      return decodeTokensPerSecond;
    },
    atMost: (chain) => trialOf(chain)?.served.decodeTokensPerSecond ?? bound(chain),
    noiseOf: (chain) => trialOf(chain)?.noise ?? 0,
    trialOf,
    pace: () => (pace.seconds > 0 ? pace.tokens / pace.seconds : undefined),
    tryLonger(chain) {
      const before = trialOf(chain);
      if (
        short === true ||
        limits !== undefined ||
        before === undefined ||
        before.longer === true ||
        tooLate()
      )
        return;
      if (before.served.decodeTokensPerSecond === 0 || !tellsMore(chain)) return;
      const trial = measure(chain, "long", secondsLeft());
      if (trial !== undefined)
        known.set(describeLikeness(cluster, chain), { ...trial, longer: true });
    },
  };

  /** @returns undefined for a run by nodes that was not over within so many seconds: such begin with decodes alone. */
  function measure(
    chain: PlannedChain,
    length: TrialLength,
    within: number,
  ): ChainTrial | undefined {
    const own = length === "short" ? seed : seed + LONG_SEED;
    const asChain = batching.kind === "chain" ? { ...engine, batching } : undefined;
    if (limits !== undefined && asChain !== undefined) return measureWithin(chain, asChain, limits);
    const started = now?.() ?? 0;
    const { result, asked, simulatedSeconds } =
      asChain === undefined
        ? runByNodes(chain, { length, seed: own }, within)
        : runFull(chain, asChain, { length, seed: own });
    pace.seconds += (now?.() ?? 0) - started;
    const { decodeTokensPerSecond } = result;
    pace.tokens += decodeTokensPerSecond * simulatedSeconds;
    // What it takes until a run has settled is part of what a trial takes.
    pace.visits += decodeTokensPerSecond * asked * chain.nodes.length;
    return result.cutShort === true
      ? undefined
      : { served: figuresOfRun(result), noise: trialNoise(result) };
  }

  /** What a short trial takes at most, as every token visits every node; 0 where nobody has looked yet. */
  function secondsOf(chain: PlannedChain): number {
    if (batching.kind === "chain" || pace.visits === 0) return 0;
    const window = windowByNodes(chain, "short");
    const made = bound(chain) * (window.warmupSeconds + window.durationSeconds);
    return (made * chain.nodes.length * pace.seconds) / pace.visits;
  }

  /** Where many requests are under way, a long trial counts for hardly longer than a short one. */
  function tellsMore(chain: PlannedChain): boolean {
    if (batching.kind === "chain") return true;
    const { durationSeconds } = windowByNodes(chain, "long");
    return durationSeconds >= TELLS_MORE * windowByNodes(chain, "short").durationSeconds;
  }

  function windowByNodes(chain: PlannedChain, length: TrialLength): TrialWindow {
    return windowOf(saturated, chain, { batching: NODES_BATCH, tokens }, TRIALS.nodes[length]);
  }

  function measureWithin(chain: PlannedChain, own: ChainEngineOf, keep: ServiceLimits): ChainTrial {
    const served = serveWithin(keep, slowest(saturated, chain), (tokensPerSecond) =>
      runAlone({ cluster, engine: own, lengths }, chain, {
        traffic: { kind: "online", tokensPerSecond },
        seed,
        ...windowOfArrivals(RATE_TRIAL, share * tokensPerSecond),
      }),
    );
    return { served, noise: 0 };
  }

  function runFull(chain: PlannedChain, own: ChainEngineOf, trial: TrialRun): TrialDone {
    const rules = { batching: own.batching, tokens };
    const result = runAlone({ cluster, engine: own, lengths }, chain, {
      traffic: OFFLINE,
      begins: "full",
      seed: trial.seed,
      ...windowOf(saturated, chain, rules, TRIALS.chain[trial.length]),
    });
    const { endSeconds } = result.window;
    return { result, asked: endSeconds, simulatedSeconds: endSeconds };
  }

  function runByNodes(chain: PlannedChain, trial: TrialRun, within: number): TrialDone {
    const window = windowByNodes(chain, trial.length);
    const options = {
      ...(cluster.engine === undefined ? {} : askFor(engine)),
      seed: trial.seed,
      links: linksOf(chain),
      begins: "full" as const,
      ...window,
    };
    const begun = now?.() ?? 0;
    const watching =
      now === undefined || within === Infinity
        ? undefined
        : { spent: () => (now() - begun) / within };
    const done = runSettled(cluster, placeOnTrial(cluster, chain), options, watching);
    const asked = window.warmupSeconds + window.durationSeconds;
    return { ...done, asked: Math.min(asked, done.result.window.endSeconds) };
  }
}
