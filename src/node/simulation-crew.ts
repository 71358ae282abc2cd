import { Worker } from "node:worker_threads";
import { HelixPlaceError, InputError, type Problem } from "../core/errors.js";
import {
  runSimulationJob,
  type SimulationCrew,
  type SimulationJob,
  type SimulationOutcome,
  type SimulationProgress,
} from "../serving/simulate/simulation-job.js";

/** Runs simulations one after another in this thread; it cannot be interrupted. */
export function createInlineSimulationCrew(): SimulationCrew {
  return {
    size: 1,
    run: (job, onProgress) => Promise.resolve().then(() => runSimulationJob(job, onProgress)),
    dismiss: () => Promise.resolve(),
  };
}

/** What a simulation thread gets to work with. */
export interface SimulationOrder {
  readonly job: SimulationJob;
  /** Whether anybody listens to progress. */
  readonly tells: boolean;
}

/** Worker → main thread: any number of `progress`, then one of the others. */
export type SimulationReply =
  | { readonly kind: "progress"; readonly simulatedSeconds: number }
  | { readonly kind: "done"; readonly outcome: SimulationOutcome }
  | { readonly kind: "input"; readonly source: string; readonly problems: readonly Problem[] }
  | { readonly kind: "failed"; readonly message: string };

/** Runs simulations in worker threads, one thread per run: nothing is left of a run that has ended. */
export function createSimulationWorkers(threads: number): SimulationCrew {
  const alive = new Set<Worker>();
  return {
    size: threads,
    run(job: SimulationJob, onProgress?: SimulationProgress) {
      const order: SimulationOrder = { job, tells: onProgress !== undefined };
      const worker = new Worker(new URL("./simulation-worker.js", import.meta.url), {
        workerData: order,
      });
      alive.add(worker);
      return new Promise<SimulationOutcome>((resolve, reject) => {
        worker.on("message", (reply: SimulationReply) => {
          if (reply.kind === "progress") onProgress?.(reply.simulatedSeconds);
          else if (reply.kind === "done") resolve(reply.outcome);
          else if (reply.kind === "input") reject(new InputError(reply.source, reply.problems));
          else reject(new HelixPlaceError("bug", reply.message));
        });
        worker.once("error", reject);
        worker.once("exit", () => {
          alive.delete(worker);
          reject(new HelixPlaceError("bug", "a simulation thread ended without an answer"));
        });
      });
    },
    async dismiss() {
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
}
