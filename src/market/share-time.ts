import type { ScenarioCrew } from "./scenario-crew.js";

/** Until when everything together is to be done, on a clock in seconds; `Infinity` without a limit. */
export interface TimeForAll {
  readonly now: () => number;
  readonly until: number;
}

/**
 * A crew that gives every job its share of the time that is left for so many jobs: what one does not need, the later
 * ones get.
 */
export function shareTime(
  crew: ScenarioCrew,
  jobs: number,
  { now, until }: TimeForAll,
): ScenarioCrew {
  if (until === Infinity) return crew;
  let left = jobs;
  return {
    ...crew,
    run: (job) => {
      const rounds = Math.max(1, Math.ceil(left / crew.size));
      left -= 1;
      const timeLimitSeconds = Math.max(0, until - now()) / rounds;
      return crew.run({ ...job, planning: { ...job.planning, timeLimitSeconds } });
    },
  };
}
