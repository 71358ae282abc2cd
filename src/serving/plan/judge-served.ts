import type { ChosenEngine } from "../../engines/choose-engine.js";
import type { Placement } from "../../core/placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { readChains } from "../served/chains/plan-chains.js";
import { serveChains, type LastServed } from "../served/chains/serve-chains.js";

/** Its seed is none that a trial has seen. */
export const FRESH_SEED = 7919;

/**
 * What an engine of chains serves of the placement at full load, in a run of its own. @param bound on decode tokens/s.
 * @returns undefined for a placement that is no set of chains, and for other engines.
 */
export function judgeServed(
  problem: PlanningProblem,
  placement: Placement,
  { engine, asked }: ChosenEngine,
  { seed, bound }: { readonly seed: number; readonly bound: number },
): PlacementFile["served"] {
  const { batching } = engine;
  const chains = batching.kind === "chain" ? readChains(problem, placement) : undefined;
  if (chains === undefined || batching.kind !== "chain") return undefined;
  const run = { asked, seed: seed + FRESH_SEED };
  return describeServed(
    serveChains(problem, placement, chains, { ...engine, batching }, run),
    bound,
  );
}

type Served = NonNullable<PlacementFile["served"]>;

/** As the placement file has it, in the order of its schema. @param at full load where nothing else is said. */
export function describeServed(
  run: LastServed,
  bound: number,
  at: Served["at"] = "saturation",
): Served {
  const { uncertainty, fromTrials, ...figures } = run;
  const { decodeTokensPerSecond } = figures;
  const most = Math.max(bound, decodeTokensPerSecond);
  return {
    ...figures,
    at,
    by: "simulation",
    uncertainty,
    ...(fromTrials === undefined ? {} : { fromTrials }),
    bound: most,
    gap: most === 0 ? 0 : (most - decodeTokensPerSecond) / most,
  };
}

/**
 * Prompt and output tokens/s that users get: those served at full load, or the arrivals up to which limits on latency hold; 0 of
 * nothing.
 */
export function reachOfServed(served: PlacementFile["served"]): number {
  if (served === undefined) return 0;
  const { at, decodeTokensPerSecond, promptTokensPerSecond } = served;
  return at === "saturation" ? decodeTokensPerSecond + promptTokensPerSecond : at.rate;
}
