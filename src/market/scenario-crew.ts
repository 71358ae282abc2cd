import type { SearchPorts } from "../planner/portfolio/search.js";
import { planScenario, type PlannedScenario, type ScenarioJob } from "./scenario.js";

/** Who plans scenarios. */
export interface ScenarioCrew {
  /** Scenarios planned at the same time. */
  readonly size: number;
  /** @throws InputError when the scenario's cluster makes no sense. */
  run(job: ScenarioJob): Promise<PlannedScenario>;
  /** Ends everything; running scenarios are given up. */
  dismiss(): Promise<void>;
}

/** Plans scenarios one after another in this thread. */
export function createInlineScenarioCrew(ports: SearchPorts, signal?: AbortSignal): ScenarioCrew {
  return {
    size: 1,
    run: (job) => planScenario(job, ports, signal),
    dismiss: () => Promise.resolve(),
  };
}
