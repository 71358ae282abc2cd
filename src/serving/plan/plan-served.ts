import type { ChosenEngine } from "../../engines/choose-engine.js";
import { BugError } from "../../core/errors.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import {
  search,
  type SearchOptions,
  type SearchPorts,
  type SearchResult,
} from "../../planner/portfolio/search.js";
import { chooseSchedule } from "../../planner/portfolio/choose-schedule.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { BASELINES, placeBaseline, respectPins } from "../../planner/starts/baselines.js";
import { boundBoth, boundServed } from "../served/bound-served.js";
import type { TrialMemory } from "../served/chains/chain-rates.js";
import { movesFor } from "../served/chains/chain-moves.js";
import type { PlannedChain } from "../served/chains/chain-layers.js";
import { createChainSearch, readChains, type ChainSearch } from "../served/chains/plan-chains.js";
import { serveChains } from "../served/chains/serve-chains.js";
import { describeServed, FRESH_SEED } from "./judge-served.js";
import { chooseLengths } from "../../model/choose-lengths.js";

/** A plan for what an engine of chains serves. */
export interface ServedResult extends SearchResult {
  readonly placement: Placement | undefined;
  readonly served: PlacementFile["served"];
  /** What stood on trial, the best first. */
  readonly onTrial: readonly Tried[];
}

/** Chains that stood on trial, and the decode tokens/s that they showed. */
export interface Tried {
  readonly chains: readonly PlannedChain[];
  readonly worth: number;
}

/** What is known of the same nodes with larger steps: nothing need be looked for from the beginning. */
export interface KnownBefore {
  readonly starts: readonly (readonly PlannedChain[])[];
  /** It is looked for from the beginning all the same: these may be the steps that are chosen. */
  readonly anew?: boolean;
  /** Steps are smaller now: no more tokens/s pass. */
  readonly upperBound: number;
  readonly boundName: string;
}

/** How to search, and what trials have shown before. */
type ServedOptions = Omit<SearchOptions, "schedule"> & {
  readonly memory?: TrialMemory | undefined;
  readonly known?: KnownBefore | undefined;
};

/** Share of the time after which the flow is left, and after which no more chains are tried: the last run is to come. */
const FLOW_SHARE = 0.5;
const CHAINS_SHARE = 0.85;
/** Share of the time that the flow gets at most: its bound, and plans to put on trial. */
const MOST_FLOW_SHARE = 0.3;
const FLOW_STEPS = 8;
/** Decode tokens that the last run may make per second of the time limit. */
const LAST_TOKENS = { perSecond: 5e5, least: 3e6 };

/**
 * Plans the chains that serve most under the engine. First everything obvious stands on trial in the simulator, then
 * a flow plan (for the bound) and the baselines, then chains are taken apart and made anew. The figures are
 * those of a fresh run of the placement returned.
 */
export async function planServed(
  problem: PlanningProblem,
  { engine, asked }: ChosenEngine,
  options: ServedOptions,
  ports: SearchPorts,
): Promise<ServedResult> {
  const { cluster } = problem;
  const { batching } = engine;
  if (batching.kind !== "chain") throw new BugError(`${engine.name} is no engine of chains`);
  const started = ports.now();
  const { timeLimitSeconds, iterationLimit, signal, known } = options;
  const elapsed = (): number => ports.now() - started;
  const found: { strategy: string; served: number; seconds: number }[] = [];
  let late = false;
  const bound = boundServed(cluster, problem.constraints, engine);
  const chains = createChainSearch(
    problem,
    { ...engine, batching },
    chooseLengths(cluster.workload),
    {
      seed: options.seed,
      memory: options.memory,
      ...movesFor(engine, iterationLimit),
      ...(known === undefined || known.anew === true ? {} : { moves: 0 }),
      outOfTime: () => {
        late ||= elapsed() > CHAINS_SHARE * timeLimitSeconds;
        return signal?.aborted === true || late;
      },
      now: () => ports.now(),
      breathe: () => new Promise((resolve) => ports.schedule(0, resolve)),
      onBetter: (served, from) => {
        const seconds = elapsed();
        found.push({ strategy: `served: ${from}`, served, seconds });
        options.onProgress?.({
          seconds,
          strategy: from,
          event: "served",
          served,
          throughput: undefined,
          upperBound: bound,
          gap: (bound - served) / bound,
        });
      },
    },
  );
  for (const start of known?.starts ?? []) await chains.judgeChains("known at larger steps", start);
  // By counts a flow plan of a smaller step may take minutes: its bound is not the one that ends it.
  const byFlow = known === undefined || (known.anew === true && iterationLimit === undefined);
  const byFlowOrKnown = await (byFlow
    ? startAnew(problem, chains, { ...options, elapsed }, ports)
    : startKnown(problem, chains, known, options.seed));
  await chains.improve();
  // Chains that time has cut short may serve more after more of it, whatever ended the search for flow.
  const flow: SearchResult =
    late && byFlowOrKnown.termination !== "interrupted"
      ? { ...byFlowOrKnown, termination: "time-limit" }
      : byFlowOrKnown;
  const plan = chains.best();
  const log = [...found, ...flow.log];
  if (plan === undefined)
    return { ...flow, log, placement: flow.incumbent?.placement, served: undefined, onTrial: [] };
  const time = chains.timeUntil(started + timeLimitSeconds);
  return {
    ...flow,
    log,
    placement: plan.placement,
    onTrial: [{ chains: plan.chains, worth: plan.decodeTokensPerSecond }, ...plan.starts],
    served: describeServed(
      serveChains(
        problem,
        plan.placement,
        readChains(problem, plan.placement) ?? plan.chains,
        { ...engine, batching },
        {
          asked,
          seed: options.seed + FRESH_SEED,
          mostTokens: Math.max(LAST_TOKENS.least, LAST_TOKENS.perSecond * timeLimitSeconds),
          ...(time === undefined ? {} : { time }),
        },
      ),
      boundBoth(problem, engine, flow.upperBound),
    ),
  };
}

/** Puts everything obvious on trial, then a flow plan (for the bound) and the baselines. */
async function startAnew(
  problem: PlanningProblem,
  chains: ChainSearch,
  options: ServedOptions & { readonly elapsed: () => number },
  ports: SearchPorts,
): Promise<SearchResult> {
  const { timeLimitSeconds, iterationLimit, warmStart, elapsed, seed } = options;
  if (warmStart !== undefined) await chains.judge("warm start", warmStart);
  await chains.judgeObvious();
  const share = Math.min(MOST_FLOW_SHARE, FLOW_SHARE - elapsed() / timeLimitSeconds);
  const flow = await search(
    problem,
    {
      ...options,
      schedule: chooseSchedule(problem, "portfolio"),
      timeLimitSeconds: Math.max(0, share * timeLimitSeconds),
      iterationLimit:
        iterationLimit === undefined ? undefined : Math.min(FLOW_STEPS, iterationLimit),
    },
    ports,
  );
  if (flow.incumbent !== undefined) await chains.judge("flow plan", flow.incumbent.placement);
  await judgeBaselines(problem, chains, seed);
  return flow;
}

async function judgeBaselines(
  { cluster, constraints }: PlanningProblem,
  chains: ChainSearch,
  seed: number,
): Promise<void> {
  for (const { name } of BASELINES) {
    const outcome = placeBaseline(cluster, name, seed);
    if (outcome.kind !== "impossible")
      await chains.judge(name, respectPins(outcome.placement, constraints));
  }
}

/** Puts everything obvious on trial, as deep chains may come first now, and the baselines where it is begun anew. */
async function startKnown(
  problem: PlanningProblem,
  chains: ChainSearch,
  { anew, upperBound, boundName }: KnownBefore,
  seed: number,
): Promise<SearchResult> {
  await chains.judgeObvious();
  if (anew === true) await judgeBaselines(problem, chains, seed);
  const bound = { upperBound, boundName };
  return { ...bound, incumbent: undefined, termination: "exhausted", log: [], versions: {} };
}
