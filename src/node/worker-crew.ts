import { Worker } from "node:worker_threads";
import { BugError } from "../core/errors.js";
import type { SolverName } from "../math/lp/solver.js";
import type { Blackboard } from "../planner/portfolio/blackboard.js";
import type { PlanningProblem } from "../planner/problem/problem.js";
import type { WorkerOrder, WorkerReport, WorkerSetup } from "./search-worker.js";
import { describeFault } from "../planner/portfolio/inline-crew.js";
import type { Crew, TaskEvent } from "../planner/portfolio/search.js";

/** A crew of worker threads, each with a solver of its own. Ready when the first one is. */
export async function startWorkerCrew(
  problem: PlanningProblem,
  board: Blackboard,
  options: { readonly threads: number; readonly solver: SolverName },
): Promise<Crew> {
  const setup: WorkerSetup = { problem, buffer: board.buffer, solver: options.solver };
  const hands = new Set(Array.from({ length: options.threads }, () => createHand(setup)));
  await Promise.race([...hands].map((hand) => hand.ready));
  const idle = [...hands];
  let dismissed = false;
  /** A thread in which something went wrong is not trusted with another task. */
  const replace = (hand: Hand): void => {
    hands.delete(hand);
    void hand.terminate();
    if (dismissed) return;
    const fresh = createHand(setup);
    hands.add(fresh);
    idle.push(fresh);
  };
  return {
    size: options.threads,
    async run(task, isolated, onEvent) {
      const hand = idle.shift();
      if (hand === undefined) throw new BugError("more tasks than worker threads");
      await hand.ready;
      let sound = true;
      try {
        const cut = await hand.run({ task, isolated }, (event) => {
          if (event.kind === "failed") sound = false;
          onEvent(event);
        });
        if (sound) idle.push(hand);
        else replace(hand);
        return cut;
      } catch (error) {
        if (dismissed) return false;
        onEvent({ kind: "failed", reason: `its thread died: ${describeFault(error)}` });
        replace(hand);
        return false;
      }
    },
    async dismiss() {
      dismissed = true;
      await Promise.all([...hands].map((hand) => hand.terminate()));
    },
  };
}

interface Hand {
  readonly ready: Promise<void>;
  run(order: WorkerOrder, onEvent: (event: TaskEvent) => void): Promise<boolean>;
  terminate(): Promise<unknown>;
}

function createHand(setup: WorkerSetup): Hand {
  const worker = new Worker(new URL("./search-worker.js", import.meta.url), {
    workerData: setup,
  });
  let listen: (report: WorkerReport) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  let death: unknown;
  worker.on("message", (report: WorkerReport) => listen(report));
  const die = (error: unknown): void => {
    death ??= error;
    fail(error);
  };
  worker.on("error", die);
  worker.on("exit", (code) => die(new Error(`it ended with code ${code}`)));
  const ready = new Promise<void>((resolve, reject) => {
    listen = () => resolve();
    fail = reject;
  });
  // Whoever needs the thread awaits it; a thread that nobody needs may fail to start.
  ready.catch(() => undefined);
  return {
    ready,
    async run(order, onEvent) {
      if (death !== undefined) throw death;
      return new Promise<boolean>((resolve, reject) => {
        fail = reject;
        listen = (report) => {
          if (report.kind === "event") onEvent(report.event);
          if (report.kind === "done") resolve(report.cut);
        };
        worker.postMessage(order);
      });
    },
    terminate: () => worker.terminate(),
  };
}
