import { EMPTY_SHELF } from "../market/apply-changes.js";
import { buyMachines as buyWithPorts } from "../market/buy-machines.js";
import type { Scenario } from "../market/change.js";
import {
  findMarginalValues as findWithCrew,
  TODAY_SHARE,
  type MarginalValues,
} from "../market/marginal-values.js";
import { shelfOf } from "../market/listed-machines.js";
import { openMarket } from "../market/market.js";
import type { Goal, Purchase } from "../market/purchase.js";
import { runScenarios } from "../market/run-scenarios.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import type { ScenarioPlanning } from "../market/scenario.js";
import { shareTime } from "../market/share-time.js";
import {
  listExtras,
  listScenarioJobs,
  withListedPrices,
  type Today,
  type WhatIfOptions,
} from "../market/today.js";
import { createNodePorts, readClock } from "./node-ports.js";
import { createInlineScenarioCrew, type ScenarioCrew } from "../market/scenario-crew.js";
import { createScenarioWorkers } from "./scenario-workers.js";

/** Seconds per cluster, and for marginal values together, where nothing else is said. */
const SCENARIO_SECONDS = 20;
const MARGINAL_SECONDS = 180;

/**
 * Plans today's cluster and every scenario. Results in that order, today first; what the signal cut
 * off is left out. A grid of mixes is a list of scenarios, too: `listGridScenarios`.
 * @throws InputError when a scenario cannot be applied or makes no sense, SolverError.
 */
export async function planScenarios(
  today: Today,
  scenarios: readonly Scenario[],
  options: WhatIfOptions = {},
): Promise<readonly ScenarioResult[]> {
  const jobs = listScenarioJobs(
    priced(today, options),
    scenarios,
    planningOf(options),
    options.prices,
  );
  return withCrew(options, async (crew) => {
    const planned = await runScenarios(jobs, crew, undefined, options.signal);
    return planned.flatMap((one) => (one === undefined ? [] : [one.result]));
  });
}

/**
 * What one more machine of each kind, one more Gb/s on each class of links and one more GB for KV on each type would
 * give, and what one machine less would take, by planning again by the same objective, in tokens/s. The time limit is
 * for everything together, 180 s by default.
 * @returns undefined when the signal came before today's cluster was planned.
 * @throws InputError when the cluster makes no sense, SolverError.
 */
export async function findMarginalValues(
  today: Today,
  options: WhatIfOptions = {},
): Promise<MarginalValues | undefined> {
  const { prices, signal } = options;
  const now = priced(today, options);
  const planning = planningOf(options, MARGINAL_SECONDS);
  const [job] = listScenarioJobs(now, [], planning, prices);
  const { timeLimitSeconds: seconds = Infinity } = planning;
  const started = readClock();
  const time = { now: readClock, until: started + seconds };
  return withCrew(options, async (crew) => {
    const first = shareTime(crew, 1, { now: readClock, until: started + TODAY_SHARE * seconds });
    const [planned] = await runScenarios([job!], first, undefined, signal);
    if (planned === undefined) return undefined;
    const shelf =
      prices === undefined ? EMPTY_SHELF : shelfOf(prices, now.file, now.referencedModel);
    const extras = listExtras(now, prices);
    return findWithCrew({ job: job!, today: planned, extras, shelf, crew, time, signal });
  });
}

/**
 * What to buy from a price list for a budget (dollars per hour) or a target (tokens/s), with a bound
 * that no other mix beats. With `keep` it is bought beside today's machines, otherwise instead of
 * them. Takes up to 60 s of wall clock unless `planning` sets a limit.
 * @throws InputError when the price list makes no sense for this cluster, SolverError.
 */
export function buyMachines(
  today: Today,
  goal: Goal,
  options: WhatIfOptions & Required<Pick<WhatIfOptions, "prices">> & { readonly keep?: boolean },
): Promise<Purchase> {
  const { file, referencedModel } = priced(today, options);
  const market = openMarket(file, options.prices, options.keep === true, referencedModel);
  const request = {
    goal,
    planning: { ...DEFAULTS, ...options.planning },
    threads: options.threads ?? 2,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(referencedModel === undefined ? {} : { referencedModel }),
  };
  return buyWithPorts(market, request, createNodePorts());
}

const DEFAULTS = { gap: 0.01, seed: 1, partialInference: true, solver: "highs" } as const;

function planningOf(
  { planning = {} }: WhatIfOptions,
  seconds: number = SCENARIO_SECONDS,
): ScenarioPlanning {
  const limited = planning.timeLimitSeconds !== undefined || planning.iterationLimit !== undefined;
  const limit = limited ? {} : { timeLimitSeconds: seconds };
  return { ...DEFAULTS, ...limit, ...planning };
}

function priced({ file, referencedModel }: Today, { prices }: WhatIfOptions): Today {
  const model = referencedModel === undefined ? {} : { referencedModel };
  return { file: withListedPrices(file, prices), ...model };
}

async function withCrew<T>(
  { threads = 2, signal }: WhatIfOptions,
  work: (crew: ScenarioCrew) => Promise<T>,
): Promise<T> {
  const crew =
    threads === 0
      ? createInlineScenarioCrew(createNodePorts(), signal)
      : createScenarioWorkers(threads);
  const stop = (): void => void crew.dismiss();
  signal?.addEventListener("abort", stop);
  try {
    return await work(crew);
  } finally {
    signal?.removeEventListener("abort", stop);
    await crew.dismiss();
  }
}
