import {
  fallBack,
  orderJob,
  type ChangeFound,
  type ChangeJob,
} from "../planner/change/change-job.js";
import type { LeastBytes } from "../planner/change/find-least.js";
import { createThreadCrew } from "./thread-crew.js";

/** Seconds that a search has to look up after the stop sign; a solver may be deep in something. */
const GRACE_SECONDS = 1;

/**
 * Runs a search for the fewest bytes in a thread of its own, so that an interrupt is heard at once. The best placement
 * told so far stands where the thread does not look up in time.
 */
export async function runChange(
  job: ChangeJob,
  signal: AbortSignal | undefined,
): Promise<ChangeFound> {
  const buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const crew = createThreadCrew<ChangeJob, LeastBytes, ChangeFound>({
    script: new URL("./change-worker.js", import.meta.url),
    setup: buffer,
    stays: false,
  });
  let best: LeastBytes | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (seconds: number) => void = () => undefined;
  const givenUp = new Promise<undefined>((resolve) => {
    giveUp = (seconds) => {
      Atomics.store(new Int32Array(buffer), 0, 1);
      timer = setTimeout(() => resolve(undefined), 1000 * seconds);
    };
  });
  const onAbort = (): void => giveUp(GRACE_SECONDS);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const late = Number.isFinite(job.seconds)
    ? setTimeout(() => giveUp(GRACE_SECONDS), 1000 * job.seconds)
    : undefined;
  try {
    const work = crew.run(job, { onEvent: (better) => (best = better) });
    const found = await Promise.race([work, givenUp]);
    if (found !== undefined) return found;
    work.catch(() => undefined); // the thread is dismissed
    const least = best ?? fallBack(job);
    return { least, order: orderJob(job, least.placement, () => true) };
  } finally {
    clearTimeout(late);
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    await crew.dismiss();
  }
}
