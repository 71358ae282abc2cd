import type { SearchPorts } from "../../planner/portfolio/search.js";

/** A signal for what is under way: given at an interrupt, and when the time is up. */
export interface Halt {
  readonly signal: AbortSignal;
  /** Ends the watch over the time. */
  readonly release: () => void;
}

/** @param seconds until the time is up; Infinity = no clock. */
export function haltAfter(
  seconds: number,
  interrupt: AbortSignal | undefined,
  ports: Pick<SearchPorts, "schedule">,
): Halt {
  const halt = new AbortController();
  const stop = (): void => halt.abort();
  if (interrupt?.aborted === true) stop();
  interrupt?.addEventListener("abort", stop, { once: true });
  const cancel = Number.isFinite(seconds)
    ? ports.schedule(Math.max(0, seconds), stop)
    : (): void => undefined;
  return {
    signal: halt.signal,
    release: () => {
      cancel();
      interrupt?.removeEventListener("abort", stop);
    },
  };
}
