import type { Answer } from "./answer.js";
import type { Resources } from "./resources.js";
import type { Message, Order } from "./worker.js";

/** The page's side of a worker: one order at a time, the last one counts. */
export interface Planner {
  /** Gives up what is being worked on, and works on this. */
  ask(order: Order, hear: (answer: Answer) => void): void;
  stop(): void;
}

/**
 * A planner in a worker of its own. Ending the worker is how a question is cancelled: the solver cannot be
 * interrupted otherwise, and all its memory is given back. With `ready` the next worker waits already, its code read: worth its memory where questions follow each other.
 */
export function createPlanner({ script, solverWasm }: Resources, ready: boolean): Planner {
  const start = (): Worker => new Worker(script, { type: "module" });
  let next = ready ? start() : undefined;
  let busy: Worker | undefined;
  const stop = (): void => {
    busy?.terminate();
    busy = undefined;
  };
  return {
    ask(order, hear) {
      stop();
      const worker = next ?? start();
      busy = worker;
      next = ready ? start() : undefined;
      worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
        if (busy === worker) hear(data);
      });
      worker.addEventListener("error", ({ message }) => {
        if (busy === worker) hear({ kind: "failed", message });
      });
      const message: Message = { order, solverWasm };
      worker.postMessage(message);
    },
    stop,
  };
}
