import { parentPort } from "node:worker_threads";
import { InputError, SolverError } from "../core/errors.js";
import type { ThreadOrder, ThreadReply } from "./thread-crew.js";

/** Hears of events while an order is done; absent where nobody listens. */
type Tell<Event> = ((event: Event) => void) | undefined;

/**
 * Answers the orders of the thread that started this one.
 * @param answer does one order; what it throws becomes an answer too.
 */
export function serveOrders(answer: (order: never, tell: Tell<unknown>) => unknown): void {
  const port = parentPort!;
  const reply = (message: ThreadReply<unknown, unknown>): void => port.postMessage(message);
  const tell = (event: unknown): void => reply({ kind: "event", event });
  port.on("message", ({ order, tells }: ThreadOrder<never>) => {
    void attempt(() => answer(order, tells ? tell : undefined)).then(reply);
  });
  reply({ kind: "ready" });
}

async function attempt(work: () => unknown): Promise<ThreadReply<never, unknown>> {
  try {
    return { kind: "done", result: await work() };
  } catch (error) {
    if (error instanceof InputError) {
      return { kind: "input", source: error.source, problems: error.problems };
    }
    if (error instanceof SolverError) return { kind: "solver", message: error.message };
    return { kind: "failed", message: String((error as Error).stack ?? error) };
  }
}
