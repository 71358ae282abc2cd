import {
  fallBack,
  orderJob,
  type ChangeFound,
  type ChangeJob,
} from "../planner/change/change-job.js";
import type { LeastBytes } from "../planner/change/find-least.js";
import { allocateBlackboard } from "../planner/portfolio/shared-blackboard.js";
import { openChangeBoard } from "./change-board.js";
import type { ChangeOrder } from "./change-worker.js";
import { createThreadCrew } from "./thread-crew.js";

/** Seconds that a search has to look up after the stop sign; a solver may be deep in something. */
const GRACE_SECONDS = 1;

/**
 * Runs a search for the fewest bytes in a thread of its own, so that an interrupt is heard at once, and beside it, by a clock, a
 * thread that proves what no change goes below. The best placement told so far stands where the search does not look up in time.
 */
export async function runChange(
  job: ChangeJob,
  signal: AbortSignal | undefined,
): Promise<ChangeFound> {
  if (signal?.aborted === true) return endAtOnce(job, fallBack(job));
  const { buffer } = allocateBlackboard(job.held.length);
  const board = openChangeBoard(buffer);
  const crew = createThreadCrew<ChangeOrder, LeastBytes, ChangeFound | undefined>({
    script: new URL("./change-worker.js", import.meta.url),
    setup: buffer,
    stays: false,
  });
  let best: LeastBytes | undefined;
  let proven: LeastBytes | undefined;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (seconds: number) => void = () => undefined;
  const givenUp = new Promise<undefined>((resolve) => {
    giveUp = (seconds) => {
      board.stop();
      timer = setTimeout(() => resolve(undefined), 1000 * seconds);
    };
  });
  const onAbort = (): void => giveUp(GRACE_SECONDS);
  signal?.addEventListener("abort", onAbort, { once: true });
  const byClock = Number.isFinite(job.seconds);
  const late = byClock ? setTimeout(() => giveUp(GRACE_SECONDS), 1000 * job.seconds) : undefined;
  try {
    const work = crew.run({ job, role: "find" }, { onEvent: (better) => (best = better) });
    // The search stands without it, whatever becomes of that thread.
    if (byClock && job.provenBeside === true)
      crew
        .run({ job, role: "prove" }, { onEvent: (better) => (proven = better) })
        .catch(() => undefined);
    const found = await Promise.race([work, givenUp]);
    if (found !== undefined) return { ...found, least: withProof(found.least, proven) };
    work.catch(() => undefined); // the thread is dismissed
    return endAtOnce(job, withProof(best ?? fallBack(job), proven));
  } finally {
    clearTimeout(late);
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    await crew.dismiss();
  }
}

/** With the steps that are found without looking. */
function endAtOnce(job: ChangeJob, least: LeastBytes): ChangeFound {
  return { least, order: orderJob(job, least.placement, () => true) };
}

/** A placement with the better of its own bound and what was proven beside the search. */
function withProof(least: LeastBytes, proven: LeastBytes | undefined): LeastBytes {
  if (proven === undefined || proven.bound <= least.bound) return least;
  return { ...least, bound: proven.bound, method: proven.method };
}
