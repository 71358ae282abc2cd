import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { HelixPlaceError, InputError, type Problem } from "../core/errors.js";
import type { PlannedScenario, ScenarioJob } from "../market/scenario.js";
import { planScenario } from "../market/scenario.js";
import type { SearchPorts } from "../planner/portfolio/search.js";

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

/** Worker → main thread. */
export type ScenarioReply =
  | { readonly kind: "planned"; readonly planned: PlannedScenario }
  | { readonly kind: "input"; readonly source: string; readonly problems: readonly Problem[] }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Every thread compiles for itself, in helper threads that take cores from the others. Less of it with four
 * times V8's own bytes of bytecode that a function runs before it is optimised, and with garbage
 * collected at four times what lived: every full collection drops optimised code of closures that are not
 * there just then. For the whole process, from then on. See docs/decisions/0062-cost-of-sweeps.md.
 */
const LESS_COMPILING = [`--interrupt-budget=${4 * 132 * 1024}`, "--heap-growing-percent=300"];

/** Plans scenarios in worker threads that stay, each with a solver of its own. */
export function createScenarioWorkers(threads: number): ScenarioCrew {
  LESS_COMPILING.forEach(setFlagsFromString);
  const idle: Worker[] = [];
  const alive = new Set<Worker>();
  const start = (): Worker => {
    const worker = new Worker(new URL("./scenario-worker.js", import.meta.url));
    alive.add(worker);
    worker.once("exit", () => alive.delete(worker));
    return worker;
  };
  return {
    size: threads,
    async run(job) {
      const worker = idle.pop() ?? start();
      const reply = await ask(worker, job);
      idle.push(worker);
      if (reply.kind === "input") throw new InputError(reply.source, reply.problems);
      if (reply.kind === "failed") throw new HelixPlaceError("bug", reply.message);
      return reply.planned;
    },
    async dismiss() {
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, job: ScenarioJob): Promise<ScenarioReply> {
  return new Promise<ScenarioReply>((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.removeAllListeners("message");
      worker.removeAllListeners("error");
      worker.off("exit", gone);
      act();
    };
    const gone = (): void =>
      settle(() => reject(new HelixPlaceError("bug", "a thread ended without an answer")));
    worker.once("message", (reply: ScenarioReply) => settle(() => resolve(reply)));
    worker.once("error", (error) => settle(() => reject(error)));
    worker.once("exit", gone);
    worker.postMessage(job);
  });
}
