import type { Answer } from "./answer.js";
import type { Question } from "./question.js";
import type { Resources } from "./resources.js";
import type { Order } from "./worker.js";

/** The page's side of the worker: one question at a time, the last one counts. */
export interface Planner {
  /** Ends what is being planned, and plans this. */
  ask(question: Question, hear: (answer: Answer) => void): void;
  stop(): void;
}

/**
 * A planner in a worker of its own. Ending the worker is how a question is cancelled: the solver cannot be
 * interrupted otherwise, and all its memory is given back. The next worker waits already, its code read.
 */
export function createPlanner({ script, solverWasm }: Resources): Planner {
  const start = (): Worker => new Worker(script, { type: "module" });
  let next = start();
  let busy: Worker | undefined;
  const stop = (): void => {
    busy?.terminate();
    busy = undefined;
  };
  return {
    ask(question, hear) {
      stop();
      const worker = next;
      busy = worker;
      next = start();
      worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
        if (busy === worker) hear(data);
      });
      worker.addEventListener("error", ({ message }) => {
        if (busy === worker) hear({ kind: "failed", message });
      });
      const order: Order = { question, solverWasm };
      worker.postMessage(order);
    },
    stop,
  };
}
