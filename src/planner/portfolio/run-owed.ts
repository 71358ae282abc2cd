import type { Solver } from "../../math/lp/solver.js";
import type { PlanningProblem } from "../problem/problem.js";
import { describeFault } from "./inline-crew.js";
import { runStrategy } from "./run-strategy.js";
import type { SearchState } from "./search-state.js";
import type { SearchOptions, SearchPorts } from "./search.js";
import { findStrategy, type StrategyName } from "./strategies.js";

/** How long past the limit starts may take that had no turn before it. */
const CATCH_UP_SECONDS = 1.2;

/** Starts whose turn did not come, or not to its end: cheap, and a plan must not be worse than they are. */
export function runOwed(
  problem: PlanningProblem,
  owed: ReadonlySet<StrategyName>,
  {
    solver,
    deadline,
    options,
    ports,
    state,
  }: {
    readonly solver: Solver;
    readonly deadline: number;
    readonly options: SearchOptions;
    readonly ports: SearchPorts;
    readonly state: SearchState;
  },
): void {
  const stopped = (): boolean => ports.now() > deadline + CATCH_UP_SECONDS;
  for (const strategy of owed) {
    try {
      runStrategy(
        findStrategy(strategy),
        problem,
        { solver, seed: options.seed, iterations: Infinity, isolated: true },
        { stopped, incumbent: () => state.incumbent(), upperBound: () => Infinity },
        {
          onPlacement: (placement, throughput) =>
            state.accept(strategy, { kind: "placement", placement, throughput }),
          onBound: (value, name) => state.accept(strategy, { kind: "bound", value, name }),
        },
      );
    } catch (error) {
      state.accept(strategy, { kind: "failed", reason: describeFault(error) });
    }
  }
}
