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
import { chooseSchedule } from "../../planner/portfolio/strategies.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { evaluateOpen } from "../../planner/problem/measure-throughput.js";
import { BASELINES, placeBaseline } from "../../planner/starts/baselines.js";
import { boundServed } from "../served/bound-served.js";
import { planChains } from "../served/chains/plan-chains.js";
import { chooseLengths } from "../../model/choose-lengths.js";
import { simulatePlacement } from "../simulate/simulate-placement.js";

/** A plan for what an engine of chains serves. */
export interface ServedResult extends SearchResult {
  readonly placement: Placement | undefined;
  readonly served: PlacementFile["served"];
}

/** Share of the time that goes to the flow: its bound, and plans to put on trial. */
const FLOW_SHARE = 0.3;
/** Share after which no more chains are tried: the last run is to come. */
const CHAINS_SHARE = 0.85;
const FLOW_STEPS = 8;
const MOVES_PER_STEP = 10;
const PATIENCE = 300;
/** The run whose figures stand in the placement file. */
const FINAL_RUN = { warmupSeconds: 200, durationSeconds: 600 };
/** Its seed is none that a trial has seen. */
const FRESH_SEED = 7919;

/**
 * Plans the chains that serve most under the engine: a flow plan for the bound and as a start, then chains
 * judged by simulation, in which every obvious plan, every baseline and the warm start stand as they are.
 * The figures are those of a fresh run of the placement returned.
 */
export async function planServed(
  problem: PlanningProblem,
  { engine, asked }: ChosenEngine,
  options: Omit<SearchOptions, "schedule">,
  ports: SearchPorts,
): Promise<ServedResult> {
  const { cluster } = problem;
  const { batching } = engine;
  if (batching.kind !== "chain") throw new BugError(`${engine.name} is no engine of chains`);
  const rules = { ...engine, batching };
  const started = ports.now();
  const { timeLimitSeconds, iterationLimit, signal, warmStart } = options;
  const elapsed = (): number => ports.now() - started;
  const flow = await search(
    problem,
    {
      ...options,
      schedule: chooseSchedule(problem, "portfolio"),
      timeLimitSeconds: FLOW_SHARE * timeLimitSeconds,
      iterationLimit:
        iterationLimit === undefined ? undefined : Math.min(FLOW_STEPS, iterationLimit),
    },
    ports,
  );
  const lengths = chooseLengths(cluster.workload);
  const breathe = (): Promise<void> => new Promise((resolve) => ports.schedule(0, resolve));
  const plan = await planChains(problem, rules, lengths, listKnown(), {
    seed: options.seed,
    moves: iterationLimit === undefined ? Infinity : MOVES_PER_STEP * iterationLimit,
    patience: PATIENCE,
    outOfTime: () => signal?.aborted === true || elapsed() > CHAINS_SHARE * timeLimitSeconds,
    breathe,
    onBetter: (decodeTokensPerSecond) =>
      flow.log.push({
        strategy: "served-chains",
        served: decodeTokensPerSecond,
        seconds: elapsed(),
      }),
  });
  if (plan === undefined)
    return { ...flow, placement: flow.incumbent?.placement, served: undefined };
  const { placement } = plan;
  const { result } = simulatePlacement(cluster, placement, {
    ...FINAL_RUN,
    ...asked,
    seed: options.seed + FRESH_SEED,
    links: evaluateOpen(problem, placement).carried.links,
  });
  return {
    ...flow,
    placement,
    served: {
      decodeTokensPerSecond: result.decodeTokensPerSecond,
      promptTokensPerSecond: result.promptTokensPerSecond,
      timeToFirstToken: result.timeToFirstToken.mean,
      timePerOutputToken: result.timePerOutputToken.mean,
      concurrency: result.meanInFlight,
      at: "saturation",
      by: "simulation",
      bound: Math.max(
        result.decodeTokensPerSecond,
        boundServed(cluster, problem.constraints, engine),
      ),
    },
  };

  function listKnown(): readonly { readonly name: string; readonly placement: Placement }[] {
    const known = BASELINES.flatMap(({ name }) => {
      const outcome = placeBaseline(cluster, name, options.seed);
      return outcome.kind === "impossible" ? [] : [{ name, placement: outcome.placement }];
    });
    return [
      ...(warmStart === undefined ? [] : [{ name: "warm start", placement: warmStart }]),
      ...(flow.incumbent === undefined
        ? []
        : [{ name: "flow plan", placement: flow.incumbent.placement }]),
      ...known,
    ];
  }
}
