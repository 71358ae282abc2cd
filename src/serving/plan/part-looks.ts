import type { Cluster } from "../../core/cluster.js";
import { describeCards, partCluster, partitionOf, type Partition } from "../../core/parting.js";
import type { Placement } from "../../core/placement.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import { boundByFlow } from "../served/bound-served.js";
import { createTrialMemory, type TrialMemory } from "../served/chains/chain-rates.js";
import { createChainSearch } from "../served/chains/plan-chains.js";
import type { GoodputPorts } from "../served/plan-goodput.js";
import { problemFor } from "../served/problem-for.js";
import { partConstraints } from "./part-constraints.js";
import { keyOf } from "./part-search.js";
import type { PartSpace } from "./part-space.js";
import { rateRows, type RowRates, type Trials } from "./row-rates.js";
import type { PlanOptions } from "./plan.js";

/** What anybody would make of a partition, and what that serves. */
export interface PartLook {
  readonly partition: Partition;
  readonly parted: Cluster;
  readonly placement: Placement;
  /** Decode tokens/s by the trials of its chains. */
  readonly worth: number;
}

/** Partitions looked at by what their chains serve, those of the same kind tried once for all of them. */
export interface PartLooks {
  readonly memory: TrialMemory;
  /** Looks at what promises most; the best first, none that serves nothing. */
  rank(): Promise<readonly PartLook[]>;
  log(): PlacementFile["solve"]["strategies"];
}

interface LookLimits {
  readonly ports: Pick<GoodputPorts, "now" | "schedule">;
  readonly shouldStop: () => boolean;
  /** Seconds that a trial may still take. */
  readonly secondsLeft: () => number;
  /** Partitions near the best that are looked at. */
  readonly most: number;
}

/** What a partition near the best must promise, as a share of what the best promises by the same estimate. */
const PROMISING = 0.98;

export function createPartLooks(
  whole: Cluster,
  space: PartSpace,
  options: PlanOptions,
  limits: LookLimits,
): PartLooks {
  const { ports, shouldStop } = limits;
  const { cluster, chosen } = clusterUnder(whole, options);
  const { engine } = chosen;
  const memory = createTrialMemory(cluster, engine);
  const lengths = chooseLengths(cluster.workload);
  const trials: Trials = {
    engine,
    lengths,
    seed: options.seed ?? 1,
    memory,
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
    const own = await lookAt(cluster, partition, options, {
      ...trials,
      limits: shareOf(limits, among),
    });
    looks.set(key, own);
    if (own === undefined) return false;
    const seconds = ports.now() - started;
    log.push({ strategy: describeCards(own.parted), served: own.worth, seconds });
    if (best !== undefined && own.worth <= best.worth) return false;
    best = own;
    return true;
  }

  function canWin(partition: Partition): boolean {
    return best === undefined || boundByFlow(cluster, space.boundOf(partition)) > best.worth;
  }

  async function searchNear(rates: RowRates): Promise<void> {
    for (let tried = 0, from = best; from !== undefined;) {
      const promise = PROMISING * rates.of(from.partition);
      const near = sortBy(rates, space.listNear(from.partition));
      let better = false;
      for (const partition of near.filter((each) => rates.of(each) >= promise)) {
        if (shouldStop() || tried >= limits.most) return;
        if (looks.has(keyOf(partition))) continue;
        tried += 1;
        better = await look(partition);
        if (better) break;
      }
      from = better ? best : undefined;
    }
  }

  return {
    memory,
    log: () => log,
    async rank() {
      if (options.warmStart !== undefined) await look(space.now);
      const rates = rateRows(cluster, space, trials, shouldStop);
      const few = space.all?.map((counts) => space.build(counts)) ?? [];
      const first = [...rates.listBest(), ...sortBy(rates, space.uniform), ...sortBy(rates, few)];
      const degrees = space.uniform.length;
      for (const [index, partition] of first.entries()) {
        if (best !== undefined && shouldStop()) break;
        await look(partition, Math.max(1, Math.min(degrees, first.length) - index));
      }
      await searchNear(rates);
      return [...looks.values()]
        .filter((each) => each !== undefined)
        .toSorted((a, b) => b.worth - a.worth);
    },
  };
}

/** One of so many looks gets its part of the time that is left: no degree may be left out because another took it all. */
function shareOf(limits: LookLimits, among: number): LookLimits {
  const now = (): number => limits.ports.now();
  const end = now() + limits.secondsLeft() / among;
  return {
    ...limits,
    shouldStop: () => limits.shouldStop() || now() > end,
    secondsLeft: () => end - now(),
  };
}

function sortBy(rates: RowRates, partitions: readonly Partition[]): readonly Partition[] {
  return partitions
    .map((partition) => ({ partition, worth: rates.of(partition) }))
    .toSorted((a, b) => b.worth - a.worth)
    .map(({ partition }) => partition);
}

/** The chains that anybody would make of a partition; undefined where they serve nothing. */
async function lookAt(
  cluster: Cluster,
  partition: Partition,
  options: PlanOptions,
  { engine, lengths, seed, memory, limits }: Trials & { readonly limits: LookLimits },
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
    patience: 0,
    moves: 0,
    outOfTime: limits.shouldStop,
    secondsLeft: limits.secondsLeft,
    now: () => limits.ports.now(),
    breathe: () => new Promise((resolve) => limits.ports.schedule(0, resolve)),
  });
  const started = warmStart !== undefined && keyOf(partition) === keyOf(partitionOf(cluster));
  if (started) await search.judge("warm start", warmStart);
  await search.judgeObvious();
  const found = search.best();
  if (found === undefined) return undefined;
  const { placement, decodeTokensPerSecond: worth } = found;
  return { partition, parted, placement, worth };
}
