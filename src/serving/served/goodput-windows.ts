/** Simulated seconds before what is measured, and of it. */
export interface Window {
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

/** The last run, which the estimate comes from. */
export const LAST_WINDOW: Window = { warmupSeconds: 900, durationSeconds: 1500 };
/** For what is served, in windows of a trial: where requests are soon through, fewer seconds tell as much. */
const LAST_IN_TRIALS = 3;

export function longestOf(windows: readonly Window[]): Window {
  return {
    warmupSeconds: Math.max(...windows.map(({ warmupSeconds }) => warmupSeconds)),
    durationSeconds: Math.max(...windows.map(({ durationSeconds }) => durationSeconds)),
  };
}

/** As long as a few trials, at most. */
export function noLongerThanTrials(
  most: Window,
  { warmupSeconds, durationSeconds }: Window,
): Window {
  return {
    warmupSeconds: Math.min(most.warmupSeconds, LAST_IN_TRIALS * warmupSeconds),
    durationSeconds: Math.min(most.durationSeconds, LAST_IN_TRIALS * durationSeconds),
  };
}

export function lengthOf(window: Window): number {
  return window.warmupSeconds + window.durationSeconds;
}
