import type { SolverName } from "../math/lp/solver.js";
import type { SharedBlackboard } from "../planner/portfolio/shared-blackboard.js";
import { describeFault } from "../planner/portfolio/inline-crew.js";
import type { Crew, TaskEvent } from "../planner/portfolio/search.js";
import type { PlanningProblem } from "../planner/problem/problem.js";
import type { SearchOrder, SearchSetup } from "./search-worker.js";
import { createThreadCrew } from "./thread-crew.js";

/** A crew of worker threads, each with a solver of its own. Ready when the first one is. */
export async function startSearchWorkers(
  problem: PlanningProblem,
  board: SharedBlackboard,
  { threads, solver }: { readonly threads: number; readonly solver: SolverName },
): Promise<Crew> {
  const setup: SearchSetup = { problem, buffer: board.buffer, solver };
  const crew = createThreadCrew<SearchOrder, TaskEvent, boolean>({
    script: new URL("./search-worker.js", import.meta.url),
    setup,
    stays: true,
  });
  await crew.start(threads);
  let dismissed = false;
  return {
    size: threads,
    async run(task, isolated, onEvent) {
      try {
        const isSound = ({ kind }: TaskEvent): boolean => kind !== "failed";
        return await crew.run({ task, isolated }, { onEvent, isSound });
      } catch (error) {
        if (!dismissed) {
          onEvent({ kind: "failed", reason: `its thread died: ${describeFault(error)}` });
        }
        return false;
      }
    },
    async dismiss() {
      dismissed = true;
      await crew.dismiss();
    },
  };
}
