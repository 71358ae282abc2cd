import { Worker } from "node:worker_threads";
import { BugError } from "../core/errors.js";
import type { SolverName } from "../math/lp/solver.js";
import type { Blackboard } from "../planner/portfolio/blackboard.js";
import type { PlanningProblem } from "../planner/problem/problem.js";
import type { WorkerOrder, WorkerReport, WorkerSetup } from "./search-worker.js";
import type { Crew, TaskEvent } from "../planner/portfolio/search.js";

/** A crew of worker threads, each with a solver of its own. Ready when the first one is. */
export async function startWorkerCrew(
  problem: PlanningProblem,
  board: Blackboard,
  options: { readonly threads: number; readonly solver: SolverName },
): Promise<Crew> {
  const setup: WorkerSetup = { problem, buffer: board.buffer, solver: options.solver };
  const hands = Array.from({ length: options.threads }, () => createHand(setup));
  await Promise.race(hands.map((hand) => hand.ready));
  const idle = [...hands];
  return {
    size: options.threads,
    async run(task, isolated, onEvent) {
      const hand = idle.shift();
      if (hand === undefined) throw new BugError("more tasks than worker threads");
      const cut = await hand.run({ task, isolated }, onEvent);
      idle.push(hand);
      return cut;
    },
    async dismiss() {
      await Promise.all(hands.map((hand) => hand.terminate()));
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
  worker.on("error", (error) => {
    death = error;
    fail(error);
  });
  const ready = new Promise<void>((resolve, reject) => {
    listen = () => resolve();
    fail = reject;
  });
  return {
    ready,
    async run(order, onEvent) {
      await ready;
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
