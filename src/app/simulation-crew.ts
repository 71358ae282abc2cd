import { Worker } from "node:worker_threads";
import { HelixPlaceError, InputError, type Problem } from "../errors.js";
import type { SimulationCrew, SimulationJob } from "./compare.js";
import { simulatePlacement, type SimulationReport } from "./simulate.js";

/** Runs simulations one after another in this thread. */
export function createInlineSimulationCrew(): SimulationCrew {
  return {
    size: 1,
    run: ({ cluster, placement, options }) =>
      Promise.resolve().then(() => simulatePlacement(cluster, placement, options)),
    dismiss: () => Promise.resolve(),
  };
}

/** Worker → main thread. */
export type SimulationReply =
  | { readonly kind: "done"; readonly report: SimulationReport }
  | { readonly kind: "input"; readonly source: string; readonly problems: readonly Problem[] }
  | { readonly kind: "failed"; readonly message: string };

/** Runs simulations in worker threads, one thread per run: nothing is left of a run that has ended. */
export function createSimulationWorkers(threads: number): SimulationCrew {
  const alive = new Set<Worker>();
  return {
    size: threads,
    run(job: SimulationJob) {
      const worker = new Worker(new URL("./simulation-worker.js", import.meta.url), {
        workerData: job,
      });
      alive.add(worker);
      return new Promise<SimulationReport>((resolve, reject) => {
        worker.once("message", (reply: SimulationReply) => {
          if (reply.kind === "done") resolve(reply.report);
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
