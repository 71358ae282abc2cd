import type { Cluster } from "../../core/cluster.js";
import { describeCards, partCluster, partitionOf, type Partition } from "../../core/parting.js";
import type { Placement } from "../../core/placement.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { Engine } from "../../engines/engine.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import { boundByFlow } from "../served/bound-served.js";
import { createTrialMemory, type TrialMemory } from "../served/chains/chain-rates.js";
import { movesFor } from "../served/chains/chain-moves.js";
import type { PlannedChain } from "../served/chains/chain-layers.js";
import { createChainSearch, type ChainEffort } from "../served/chains/plan-chains.js";
import { limitsOnLatency, type ServiceLimits } from "../served/limits.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { problemFor } from "../served/problem-for.js";
import { partConstraints } from "./part-constraints.js";
import { keyOf, type NodesOptions } from "./part-search.js";
import type { PartSpace } from "./part-space.js";
import { rateRows, type RowRates, type Trials } from "./row-rates.js";

/** What anybody would make of a partition, and what that serves. */
export interface PartLook {
  readonly partition: Partition;
  readonly parted: Cluster;
  readonly placement: Placement;
  readonly chains: readonly PlannedChain[];
  /** Decode tokens/s by the trials of its chains. */
  readonly worth: number;
}

/** Partitions looked at by what their chains serve, those of the same kind tried once for all of them. */
export interface PartLooks {
  readonly memory: TrialMemory;
  /** Looks at what promises most; the best first, none that serves nothing. */
  rank(): Promise<readonly PartLook[]>;
  /**
   * Takes chains apart and makes them anew, in all machines alike and the best others, as a plan of each by itself does: by what
   * anybody would make one may seem better that is not. The best first.
   */
  improve(limits: Omit<LookLimits, "ports" | "most">): Promise<readonly PartLook[]>;
  log(): PlacementFile["solve"]["strategies"];
}

export interface LookLimits {
  readonly ports: Pick<GoodputPorts, "now" | "schedule">;
  readonly shouldStop: () => boolean;
  /** Seconds that a trial may still take. */
  readonly secondsLeft: () => number;
  /** Partitions near the best that are looked at. */
  readonly most: number;
}

type LookEffort = Trials &
  Pick<ChainEffort, "moves" | "patience"> & { readonly limits: LookLimits };

/** What a partition near the best must promise, as a share of what the best promises by the same estimate. */
const PROMISING = 0.98;

/** Partitions are improved whose look serves this share of the best, those of unlike machines up to so many. */
const OPEN = 0.75;
const MOST_MIXED = 3;

export function createPartLooks(
  whole: Cluster,
  space: PartSpace,
  options: NodesOptions,
  limits: LookLimits,
): PartLooks {
  const { ports, shouldStop } = limits;
  const { cluster, chosen } = clusterUnder(whole, options);
  const { engine } = chosen;
  const memory = memoryOf(cluster, engine, options) ?? createTrialMemory(cluster, engine);
  const lengths = chooseLengths(cluster.workload);
  const trials: Trials = {
    engine,
    lengths,
    seed: options.seed ?? 1,
    memory,
    within: limitsOf(options),
    now: () => ports.now(),
    secondsLeft: limits.secondsLeft,
  };
  const started = ports.now();
  const looks = new Map<string, PartLook | undefined>();
  const log: PlacementFile["solve"]["strategies"] = [];
  let best: PartLook | undefined;

  /** Whether it is the best so far; partitions that were seen, or cannot be better, get no look. */
  async function look(partition: Partition, among = 1): Promise<boolean> {
    const key = keyOf(partition);
    if (looks.has(key) || !canWin(partition)) return false;
    const effort = { ...trials, ...NO_MOVES, limits: shareOf(limits, among) };
    const own = await lookAt(cluster, partition, options, effort);
    looks.set(key, own);
    if (own === undefined) return false;
    record(own);
    if (best !== undefined && own.worth <= best.worth) return false;
    best = own;
    return true;
  }

  function record({ parted, worth: served }: PartLook): void {
    log.push({ strategy: describeCards(parted), served, seconds: ports.now() - started });
  }

  function canWin(partition: Partition): boolean {
    return best === undefined || boundByFlow(cluster, space.boundOf(partition)) > best.worth;
  }

  async function searchNear(rates: RowRates): Promise<void> {
    for (let tried = 0, from = best; from !== undefined;) {
      // Large machines have thousands near: to list them alone takes its time.
      if (shouldStop()) return;
      const promise = PROMISING * rates.of(from.partition);
      const near = rateAll(rates, space.listNear(from.partition));
      let better = false;
      for (const { partition, worth } of near) {
        if (worth < promise) break;
        if (shouldStop() || tried >= limits.most) return;
        if (looks.has(keyOf(partition))) continue;
        tried += 1;
        better = await look(partition);
        if (better) break;
      }
      from = better ? best : undefined;
    }
  }

  const ranked = (): readonly PartLook[] =>
    [...looks.values()].filter((each) => each !== undefined).toSorted((a, b) => b.worth - a.worth);

  return {
    memory,
    log: () => log,
    async improve(own) {
      const open = listOpen(ranked(), space);
      const moves = movesFor(engine, options.iterationLimit);
      for (const [index, { partition, worth }] of open.entries()) {
        if (own.shouldStop()) break;
        const share = shareOf({ ...limits, ...own }, open.length - index);
        const effort = { ...trials, ...moves, limits: share };
        const better = await lookAt(cluster, partition, options, effort);
        if (better === undefined || better.worth <= worth) continue;
        looks.set(keyOf(partition), better);
        record(better);
      }
      return ranked();
    },
    async rank() {
      if (options.warmStart !== undefined) await look(space.now);
      const rates = rateRows(cluster, space, trials, shouldStop);
      const few = space.all?.map((counts) => space.build(counts)) ?? [];
      const first = [...rates.listBest(), ...sortBy(rates, space.uniform), ...sortBy(rates, few)];
      for (const [index, partition] of first.entries()) {
        if (best !== undefined && shouldStop()) break;
        await look(partition, Math.max(1, Math.min(space.uniform.length, first.length) - index));
      }
      await searchNear(rates);
      return ranked();
    },
  };
}

/** What earlier trials of these chains have shown; undefined where there were none to remember. */
export function memoryOf(
  cluster: Cluster,
  engine: Engine,
  options: NodesOptions,
): TrialMemory | undefined {
  return options.memory ?? options.trials?.of(cluster, engine, limitsOf(options));
}

/** Within which chains are to serve. */
function limitsOf({ objective, limits }: NodesOptions): ServiceLimits | undefined {
  return objective === "goodput" ? limitsOnLatency(limits) : undefined;
}

/** What may be the best once it is improved: all machines alike, and some mixes. @param ranked the best first. */
function listOpen(ranked: readonly PartLook[], space: PartSpace): readonly PartLook[] {
  const alike = new Set(space.uniform.map(keyOf));
  const isAlike = ({ partition }: PartLook): boolean => alike.has(keyOf(partition));
  const open = ranked.filter(({ worth }) => worth >= OPEN * ranked[0]!.worth);
  const mixed = open.filter((each) => !isAlike(each)).slice(0, MOST_MIXED);
  return open.filter((each) => isAlike(each) || mixed.includes(each));
}

/** One of so many looks gets its part of the time that is left: no degree may be left out because another took it all. */
export function shareOf(limits: LookLimits, among: number): LookLimits {
  const now = (): number => limits.ports.now();
  const end = now() + limits.secondsLeft() / among;
  return {
    ...limits,
    shouldStop: () => limits.shouldStop() || now() > end,
    secondsLeft: () => end - now(),
  };
}

interface RatedPartition {
  readonly partition: Partition;
  readonly worth: number;
}

/** Each with what it is worth by its rows, the most first. */
function rateAll(rates: RowRates, partitions: readonly Partition[]): readonly RatedPartition[] {
  return partitions
    .map((partition) => ({ partition, worth: rates.of(partition) }))
    .toSorted((a, b) => b.worth - a.worth);
}

function sortBy(rates: RowRates, partitions: readonly Partition[]): readonly Partition[] {
  return rateAll(rates, partitions).map(({ partition }) => partition);
}

const NO_MOVES = { moves: 0, patience: 0 };

/** The chains that anybody would make of a partition, and so many moves from there; undefined where they serve nothing. */
async function lookAt(
  cluster: Cluster,
  partition: Partition,
  options: NodesOptions,
  { engine, lengths, seed, memory, within, moves, patience, limits }: LookEffort,
): Promise<PartLook | undefined> {
  const parted = partCluster(cluster, partition);
  const { constraints, warmStart } = options;
  const mapped =
    constraints === undefined ? {} : { constraints: partConstraints(cluster, parted, constraints) };
  const { problem, obstacle } = settleRoom(problemFor(parted, { ...options, ...mapped }));
  if (obstacle !== undefined) return undefined;
  const search = createChainSearch(problem, engine, lengths, {
    seed,
    // Ends charged exactly make other machine types.
    memory: problem.cluster.machines === parted.machines ? memory : undefined,
    within,
    patience,
    moves,
    outOfTime: limits.shouldStop,
    secondsLeft: limits.secondsLeft,
    now: () => limits.ports.now(),
    breathe: () => new Promise((resolve) => limits.ports.schedule(0, resolve)),
  });
  const started = warmStart !== undefined && keyOf(partition) === keyOf(partitionOf(cluster));
  if (started) await search.judge("warm start", warmStart);
  await search.judgeObvious();
  await search.improve();
  const found = search.best();
  if (found === undefined) return undefined;
  const { placement, chains, decodeTokensPerSecond: worth } = found;
  options.finalists?.push(
    { chains, worth, cluster: parted, ...mapped },
    ...found.starts.map((start) => ({ ...start, cluster: parted, ...mapped })),
  );
  return { partition, parted, placement, chains, worth };
}
