import { Worker } from "node:worker_threads";
import {
  BugError,
  HelixPlaceError,
  InputError,
  SolverError,
  type Problem,
} from "../core/errors.js";

/** Worker → main thread: `ready` once, then for every order any number of events and one of the others. */
export type ThreadReply<Event, Result> =
  | { readonly kind: "ready" }
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "input"; readonly source: string; readonly problems: readonly Problem[] }
  | { readonly kind: "solver"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/** Main thread → worker. */
export interface ThreadOrder<Order> {
  readonly order: Order;
  /** Whether anybody listens to events. */
  readonly tells: boolean;
}

export interface ThreadCrewOptions {
  /** The worker's file; it answers with `serveOrders`. */
  readonly script: URL;
  /** What every worker is started with. */
  readonly setup?: unknown;
  /** Whether a worker waits for more orders; otherwise nothing is left of an order that was answered. */
  readonly stays: boolean;
}

/** What an order is run with. */
export interface ThreadListener<Event> {
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Whether the thread is trusted with another order after that event. Absent: always. */
  readonly isSound?: (event: Event) => boolean;
}

/** Worker threads that answer orders, as many at once as orders are given. */
export interface ThreadCrew<Order, Event, Result> {
  /** Starts workers ahead of their orders; resolves when the first is ready. */
  start(threads: number): Promise<void>;
  /** @throws InputError or SolverError that the worker threw, HelixPlaceError ("bug") for whatever else ended it. */
  run(order: Order, listener?: ThreadListener<Event>): Promise<Result>;
  /** Ends everything at once; orders that are not answered are given up, and later ones refused. */
  dismiss(): Promise<void>;
}

/** The one crew of worker threads: search, scenarios and simulations differ in what they order. */
export function createThreadCrew<Order, Event, Result>({
  script,
  setup,
  stays,
}: ThreadCrewOptions): ThreadCrew<Order, Event, Result> {
  type Hand = ThreadHand<Order, Event, Result>;
  const alive = new Set<Hand>();
  const idle: Hand[] = [];
  let dismissed = false;
  const hire = (): Hand => {
    if (dismissed) throw new HelixPlaceError("bug", "the crew has been dismissed");
    const hand = createHand<Order, Event, Result>(new Worker(script, { workerData: setup }), () => {
      alive.delete(hand);
      if (idle.includes(hand)) idle.splice(idle.indexOf(hand), 1);
    });
    alive.add(hand);
    return hand;
  };
  return {
    async start(threads) {
      const hands = Array.from({ length: threads }, hire);
      idle.push(...hands);
      await Promise.race(hands.map((hand) => hand.ready));
    },
    async run(order, { onEvent, isSound = () => true } = {}) {
      const hand = idle.shift() ?? hire();
      let sound = true;
      const hear = (event: Event): void => {
        sound &&= isSound(event);
        onEvent?.(event);
      };
      const answer = await hand.run(order, onEvent && hear);
      // A thread in which something went wrong is not trusted with another order.
      if (stays && sound && answer.kind !== "failed" && answer.kind !== "solver") idle.push(hand);
      else void hand.terminate();
      if (answer.kind === "done") return answer.result;
      if (answer.kind === "input") throw new InputError(answer.source, answer.problems);
      if (answer.kind === "solver") throw new SolverError(answer.message);
      throw new HelixPlaceError("bug", answer.message);
    },
    async dismiss() {
      dismissed = true;
      idle.length = 0;
      await Promise.all([...alive].map((hand) => hand.terminate()));
    },
  };
}

type ThreadAnswer<Result> = Exclude<ThreadReply<never, Result>, { kind: "ready" | "event" }>;

interface ThreadHand<Order, Event, Result> {
  readonly ready: Promise<void>;
  run(order: Order, onEvent?: (event: Event) => void): Promise<ThreadAnswer<Result>>;
  terminate(): Promise<unknown>;
}

function createHand<Order, Event, Result>(
  worker: Worker,
  ended: () => void,
): ThreadHand<Order, Event, Result> {
  let listen: (reply: ThreadReply<Event, Result>) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  worker.on("message", (reply: ThreadReply<Event, Result>) => listen(reply));
  let death: unknown;
  const die = (error: unknown): void => {
    death ??= error;
    ended();
    fail(death);
  };
  worker.once("error", die);
  worker.once("exit", (code) =>
    die(new BugError(`a thread ended without an answer, with code ${code}`)),
  );
  const ready = new Promise<void>((resolve, reject) => {
    listen = () => resolve();
    fail = reject;
  });
  ready.catch(() => undefined); // whoever waits for it hears of it
  return {
    ready,
    async run(order, onEvent) {
      await ready;
      if (death !== undefined) throw death;
      return new Promise<ThreadAnswer<Result>>((resolve, reject) => {
        fail = reject;
        listen = (reply) => {
          if (reply.kind === "event") onEvent?.(reply.event);
          else if (reply.kind !== "ready") resolve(reply);
        };
        worker.postMessage({ order, tells: onEvent !== undefined } satisfies ThreadOrder<Order>);
      });
    },
    terminate: () => worker.terminate(),
  };
}
