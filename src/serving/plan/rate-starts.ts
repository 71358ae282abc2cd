import { nodeBatching } from "../../engines/node-batching.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import type { Placement } from "../../core/placement.js";
import { search, type SearchResult } from "../../planner/portfolio/search.js";
import { chooseSchedule } from "../../planner/portfolio/choose-schedule.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { decodeShare } from "../served/bound-served.js";
import { createChainSearch, type ChainsPlan } from "../served/chains/plan-chains.js";
import { placeChains } from "../served/chains/place-chains.js";
import { isSlow } from "../served/chains/serve-within.js";
import { limitsOnLatency } from "../served/limits.js";
import type { GoodputPorts, GoodputResult } from "../served/goodput-options.js";
import { searchGoodput } from "../served/plan-goodput.js";
import { findQuickest } from "./rate-candidates.js";
import type { Aim } from "./search-for.js";

export type Given = Pick<Aim, "shared" | "options" | "chosen" | "memory">;

/** What a first search leaves: a bound on the flow, and placements to put on trial. */
export interface Started {
  readonly found: SearchResult | GoodputResult;
  readonly starts: readonly Start[];
  /** There was no time for all of the search. */
  readonly cut: boolean;
}

/** With the prompt and output tokens/s at which it is thought to keep the limits. */
export interface Start {
  readonly placement: Placement | undefined;
  readonly likely?: number;
}

/** Shares of the time after which the flow, and the search, end: the race is to come. */
const FLOW_SHARE = 0.12;
const SEARCH_SHARE = 0.4;
const MOVES_PER_STEP = 10;
const PATIENCE = 100;
const FLOW_STEPS = 8;

/** Whether a share of the time is over, or an interrupt came. */
export function overAfter({ timeLimitSeconds, signal }: Given["shared"], ports: GoodputPorts) {
  const started = ports.now();
  return (share: number): boolean =>
    signal?.aborted === true || ports.now() - started > share * timeLimitSeconds;
}

/**
 * What serves most by the search for the engine, and the bound on the flow: chains that keep the limits each by itself, or where nodes
 * batch for themselves at full load.
 */
export async function findStarts(
  problem: PlanningProblem,
  { shared, options, chosen, memory }: Given,
  ports: GoodputPorts,
): Promise<Started> {
  const { engine } = chosen;
  const { timeLimitSeconds, iterationLimit, seed, warmStart } = shared;
  const quickest = findQuickest(problem, chosen);
  if (engine.batching.kind !== "chain") {
    const found = await searchGoodput(
      problem,
      {
        ...shared,
        timeLimitSeconds: SEARCH_SHARE * timeLimitSeconds,
        limits: options.limits ?? { statistic: "mean" },
        batching: nodeBatching(engine, options.batching),
        engine: chosen.asked,
        starts: quickest === undefined ? [] : [quickest],
        objective: "goodput",
      },
      ports,
    );
    return {
      found,
      cut: found.termination === "time-limit",
      starts: [warmStart, found.judged?.placement, found.unjudged?.placement, quickest].map(
        (placement) => ({ placement }),
      ),
    };
  }
  const over = overAfter(shared, ports);
  let cut = false;
  const outOfTime = (): boolean => (cut = over(SEARCH_SHARE) || cut);
  const found = await search(
    problem,
    {
      ...shared,
      schedule: chooseSchedule(problem, "portfolio"),
      timeLimitSeconds: FLOW_SHARE * timeLimitSeconds,
      iterationLimit:
        iterationLimit === undefined ? undefined : Math.min(FLOW_STEPS, iterationLimit),
    },
    ports,
  );
  const chains = createChainSearch(problem, engine, chooseLengths(problem.cluster.workload), {
    seed,
    memory,
    within: limitsOnLatency(options.limits),
    moves: iterationLimit === undefined ? Infinity : MOVES_PER_STEP * iterationLimit,
    patience: PATIENCE,
    outOfTime,
    breathe: () => ports.breathe(),
  });
  if (warmStart !== undefined) await chains.judge("warm start", warmStart);
  await chains.judgeObvious();
  await chains.improve();
  const others = [warmStart, quickest, found.incumbent?.placement];
  return {
    found,
    cut,
    starts: [...listStarts(problem, chains.best()), ...others.map((placement) => ({ placement }))],
  };
}

/** The chains that keep the limits by themselves, and with them those that do not: both are a start. */
function listStarts(problem: PlanningProblem, best: ChainsPlan | undefined): readonly Start[] {
  if (best === undefined) return [];
  const { cluster } = problem;
  const { placement, chains, worths, decodeTokensPerSecond } = best;
  const share = decodeShare(cluster);
  const most = share * measureThroughput(problem, placement);
  const quick = chains.filter((_, at) => !isSlow(worths[at]!, most));
  // Of slow ones alone nothing says at which rate they might keep the limits together.
  if (quick.length === 0) return [{ placement }];
  const likely = decodeTokensPerSecond / share;
  return [
    { placement: placeChains(cluster, quick), likely },
    { placement, likely },
  ];
}
