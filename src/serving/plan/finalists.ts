import type { Cluster } from "../../core/cluster.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { settleRoom } from "../../planner/problem/exact-ends.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import type { TrialMemory } from "../served/chains/chain-rates.js";
import type { PlannedChain } from "../served/chains/chain-layers.js";
import { createChainSearch } from "../served/chains/plan-chains.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { problemFor } from "../served/problem-for.js";
import type { Tried } from "./plan-served.js";
import type { PlanOptions } from "./plan.js";

/** Chains that stood on trial. */
export interface Finalist extends Tried {
  /** Whose nodes they are of, and what was asked of them. */
  readonly cluster: Cluster;
  readonly constraints?: PlacementConstraints | undefined;
}

/** Finalists of one way to share out cards, the best first. */
export interface RankedFinalists extends Pick<Finalist, "cluster" | "constraints"> {
  readonly starts: readonly (readonly PlannedChain[])[];
  /** Decode tokens/s of the best, by trial. */
  readonly worth: number;
}

/** Who serves less than this share of the best is no finalist: deep chains serve half of what they do with smaller steps. */
const OPEN = 0.5;
/** Ways to share out cards, and placements of each, that are judged at most. */
const MOST_WAYS = 12;
const MOST_EACH = 8;

/** How they are judged once more. */
interface Judging {
  readonly memory: TrialMemory;
  readonly ports: Pick<GoodputPorts, "now" | "schedule">;
  readonly outOfTime: () => boolean;
  /** Whether what anybody would make by hand stands beside them. */
  readonly obvious?: boolean;
}

/**
 * Judges by trials, under other settings of the engine, what stood on trial; for every way to share out cards the best
 * serve for all. What serves most comes first.
 */
export async function rankFinalists(
  finalists: readonly Finalist[],
  options: PlanOptions,
  judging: Judging,
): Promise<readonly RankedFinalists[]> {
  const sorted = finalists.toSorted((a, b) => b.worth - a.worth);
  const groups = new Map<string, Finalist[]>();
  const seen = new Set<string>();
  for (const one of sorted.filter(({ worth }) => worth >= OPEN * sorted[0]!.worth)) {
    const key = one.cluster.nodes.map(({ id, machine }) => `${id} ${machine}`).join();
    const whole = `${key}: ${JSON.stringify(one.chains)}`;
    if (seen.has(whole)) continue;
    seen.add(whole);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const ranked: RankedFinalists[] = [];
  for (const group of [...groups.values()].slice(0, MOST_WAYS)) {
    if (ranked.length > 0 && judging.outOfTime()) break;
    const own = await judgeAgain(group.slice(0, MOST_EACH), options, judging);
    if (own !== undefined) ranked.push(own);
  }
  return ranked.toSorted((a, b) => b.worth - a.worth);
}

/** Undefined where they serve nothing. */
async function judgeAgain(
  group: readonly Finalist[],
  options: PlanOptions,
  { memory, ports, outOfTime, obvious }: Judging,
): Promise<RankedFinalists | undefined> {
  const { cluster: whole, constraints } = group[0]!;
  const asked = constraints === undefined ? options : { ...options, constraints };
  const { cluster, chosen } = clusterUnder(whole, options);
  const { problem } = settleRoom(problemFor(cluster, asked));
  const search = createChainSearch(problem, chosen.engine, chooseLengths(cluster.workload), {
    seed: options.seed ?? 1,
    // Ends charged exactly make other machine types.
    memory: problem.cluster.machines === cluster.machines ? memory : undefined,
    patience: 0,
    moves: 0,
    outOfTime,
    now: () => ports.now(),
    breathe: () => new Promise((resolve) => ports.schedule(0, resolve)),
  });
  for (const { chains } of group) await search.judgeChains("finalist", chains);
  if (obvious === true) await search.judgeObvious();
  const best = search.best();
  if (best === undefined) return undefined;
  const starts = [best.chains, ...group.map(({ chains }) => chains)];
  return { cluster: whole, constraints, starts, worth: best.decodeTokensPerSecond };
}
