import type { Cluster } from "../src/core/cluster.js";
import { listDegrees, partCluster, uniformPartition } from "../src/core/parting.js";
import type { Placement } from "../src/core/placement.js";
import { clusterUnder } from "../src/engines/cluster-under.js";
import { plan } from "../src/index.js";
import { chooseLengths } from "../src/model/choose-lengths.js";
import { evaluateOpen } from "../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED } from "../src/planner/problem/problem.js";
import { decodeShare } from "../src/serving/served/bound-served.js";
import { createChainRates } from "../src/serving/served/chains/chain-rates.js";
import { problemFor } from "../src/serving/served/problem-for.js";
import { simulatePlacement } from "../src/serving/simulate/simulate-placement.js";
import { listPeers } from "./peer-placements.js";
import { chainsOf, linksOf, NODE_WINDOW, serveFleet, type FleetRun } from "./serve-plan.js";
import { listRivals, type Rival, type RivalChain } from "./served-rivals.js";

/** What beside the rules a plan has to stand up to. */
export interface OtherRivals {
  /** Seconds of each plan of a depth from 1 to 8; 0 makes none. */
  readonly depthSeconds: number;
  /** A folder with placement files that others' planners made. */
  readonly peers: string | undefined;
}

export interface BestRival {
  readonly name: string;
  /** Decode tokens/s in trials. */
  readonly ranked: number;
  /** Decode tokens/s in runs of the whole placement, with seeds that no planning has seen. */
  serve(): number;
}

const RANKING_SEED = 4001;
const MOST_DEPTH = 8;

export interface BestRivals {
  readonly best: BestRival | undefined;
  /** Without our own plans of less depth. */
  readonly byOthers: BestRival | undefined;
}

/** The rule, peer or plan of less depth whose placement serves most, however cards of machines work together. */
export async function bestRivals(
  whole: Cluster,
  { depthSeconds, peers }: OtherRivals,
): Promise<BestRivals> {
  let best: BestRival | undefined;
  const stand = (cluster: Cluster, rivals: readonly Rival[], label: string): void => {
    const judge = createJudge(cluster);
    const seen = new Set<string>();
    for (const { name, placement, chains } of rivals) {
      const key = JSON.stringify(placement);
      if (seen.has(key)) continue;
      seen.add(key);
      const own = judge(placement, chains, best?.ranked ?? 0);
      if (own !== undefined && own.ranked > (best?.ranked ?? 0))
        best = { name: `${name}${label}`, ...own };
    }
  };
  for (const { label, cluster } of partitionsOf(whole)) {
    stand(cluster, listRivals(cluster), label);
    if (peers !== undefined) stand(cluster, listPeers(peers, cluster), label);
  }
  const byOthers = best;
  const depths = depthSeconds > 0 ? Math.min(MOST_DEPTH, whole.nodes.length) : 0;
  for (let maxDepth = 1; maxDepth <= depths; maxDepth += 1) {
    const constraints = { ...UNCONSTRAINED, maxDepth };
    const outcome = await plan(whole, {
      timeLimitSeconds: depthSeconds,
      constraints,
      chooseBatchTokens: false,
    });
    if (outcome.kind !== "planned") continue;
    const { cluster, placement } = outcome;
    stand(cluster, [{ name: `--max-depth ${maxDepth}`, placement }], "");
  }
  return { best, byOthers };
}

/** Halves of the engine's own step that are looked at; smaller steps than this are all overhead. */
const MOST_HALVES = 5;
const LEAST_TOKENS = 64;

/**
 * The best of them with the size of a step that they serve most with: that of the engine, where they are known, or one of its
 * halves. The same where the engine runs no chains.
 */
export async function bestAtAnyStep(
  whole: Cluster,
  own: BestRivals,
  others: OtherRivals,
): Promise<BestRivals> {
  const { batching } = clusterUnder(whole, {}).chosen.engine;
  let most = own;
  if (batching.kind !== "chain" || batching.stepIsFixed === true) return most;
  for (let half = 1; half <= MOST_HALVES; half += 1) {
    const tokens = batching.batchTokens >> half;
    if (tokens < LEAST_TOKENS) break;
    const { cluster } = clusterUnder(whole, { batchTokens: tokens });
    const { best, byOthers } = await bestRivals(cluster, others);
    if (best === undefined || best.ranked <= (most.best?.ranked ?? 0)) continue;
    const named = (rival: BestRival): BestRival => ({
      ...rival,
      name: `${rival.name}, steps of ${tokens}`,
    });
    most = { best: named(best), byOthers: byOthers && named(byOthers) };
  }
  return most;
}

/** All machines' cards together by one degree, for every degree that is legal. */
function partitionsOf(whole: Cluster): readonly { label: string; cluster: Cluster }[] {
  const { parting } = whole;
  if (parting === undefined) return [{ label: "", cluster: whole }];
  const { engine } = clusterUnder(whole, {}).chosen;
  const degrees = engine.tensorParallel === "none" ? [1] : listDegrees(parting);
  return degrees.map((degree) => {
    const parted = partCluster(whole, uniformPartition(parting, degree));
    const equal = engine.tensorParallel === "equal" ? { equalDegrees: true as const } : {};
    return { label: `, TP ${degree}`, cluster: clusterUnder({ ...parted, ...equal }, {}).cluster };
  });
}

type Judge = (
  placement: Placement,
  chains: readonly RivalChain[] | undefined,
  least: number,
) => Omit<BestRival, "name"> | undefined;

/** Ranks by trials of single pipelines; only what shares nodes between pipelines is run as a whole. */
function createJudge(cluster: Cluster): Judge {
  const { engine } = clusterUnder(cluster, {}).chosen;
  const lengths = chooseLengths(cluster.workload);
  const rates = createChainRates(cluster, engine, lengths, { seed: RANKING_SEED });
  const problem = problemFor(cluster, {});
  return (placement, known, least) => {
    const { links, throughput } = evaluateOpen(problem, placement).carried;
    if (decodeShare(cluster) * throughput <= least) return undefined;
    const chains = known ?? chainsOf(placement, links);
    if (chains.length === 0) {
      if (engine.batching.kind === "chain") return undefined;
      const trial = { links, seed: RANKING_SEED, begins: "full", ...NODE_WINDOW } as const;
      const { decodeTokensPerSecond } = simulatePlacement(cluster, placement, trial).result;
      const run = { cluster, placement, chains: [], links };
      return { ranked: decodeTokensPerSecond, serve: () => meanOf(run) };
    }
    const most = chains.reduce((sum, chain) => sum + rates.atMost(chain), 0);
    if (most <= least) return undefined;
    const serving = chains.filter((chain) => rates.of(chain) > 0);
    const ranked = serving.reduce((sum, chain) => sum + rates.of(chain), 0);
    const own = serving.flatMap((chain) => linksOf(chain, rates.of(chain)));
    return { ranked, serve: () => meanOf({ cluster, placement, chains: serving, links: own }) };
  };
}

/** Mean of runs with fresh seeds, decode tokens/s. */
export function meanOf(run: FleetRun): number {
  const runs = serveFleet(run);
  return runs.reduce((sum, each) => sum + each, 0) / runs.length;
}
