import { BugError } from "../../core/errors.js";
import type { Obstacle } from "../../planner/problem/obstacle.js";
import type { SearchResult } from "../../planner/portfolio/search.js";
import type { GoodputResult } from "../served/goodput-options.js";
import type { PlanOutcome } from "./plan.js";

const IDLE = "what it places carries no tokens here, or breaks the constraints";

/** What the search itself has proven when its bound is nothing. */
const PROVEN_EMPTY: Obstacle = {
  reason:
    "the search has looked at all of them, and none that keeps the constraints carries a token",
  remedy:
    "Loosen the constraints (--pin, --drain, --max-depth, --survive with --floor), take an engine that runs unlike machines together (--engine llama.cpp), or add links or machines.",
};

/** What a search without a placement says. @throws BugError where a strategy failed. */
export function nothingFound(
  found: SearchResult | GoodputResult,
  ofBaseline: boolean,
): PlanOutcome {
  const { termination, upperBound, log } = found;
  if (ofBaseline && termination !== "interrupted")
    return { kind: "baseline-impossible", reason: IDLE };
  if (upperBound <= 0) return { kind: "infeasible", obstacle: PROVEN_EMPTY };
  // With a placement found, what failed is named beside it; with none, it is what there is to say.
  const failed = log.find((entry) => entry.failed !== undefined);
  if (failed !== undefined && termination !== "interrupted")
    throw new BugError(`"${failed.strategy}" failed, and nothing else was found: ${failed.failed}`);
  return { kind: "not-found", termination, strategies: log };
}
