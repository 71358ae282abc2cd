/** Simulated seconds before what is measured, and of it. */
export interface Window {
  readonly warmupSeconds: number;
  readonly durationSeconds: number;
}

/** The last run, which the estimate comes from. */
export const LAST_WINDOW: Window = { warmupSeconds: 900, durationSeconds: 1500 };
/** For what is served, in windows of a trial: where requests are soon through, fewer seconds tell as much. */
const LAST_IN_TRIALS = 3;

/** More trials than this find noise: the best of many short ones is the luckiest. */
const ENOUGH_TRIALS = 120;
/** Simulated seconds of a trial that need not be more: hundreds of requests, of clusters whose own windows are shorter. */
const LONG_ENOUGH = 250;
/** Less than so many times as long is not worth trying the rivals again. */
const WORTHWHILE = 1.5;

/** How many times as long trials may be, at so many seconds each now and so many seconds of all threads left; 1 where that is little more. */
export function timesLonger(window: Window, perTrial: number, secondsLeft: number): number {
  const most = LONG_ENOUGH / lengthOf(window);
  const times = Math.min(most, secondsLeft / (ENOUGH_TRIALS * perTrial));
  return times < WORTHWHILE ? 1 : times;
}

export function longer({ warmupSeconds, durationSeconds }: Window, times: number): Window {
  return { warmupSeconds: times * warmupSeconds, durationSeconds: times * durationSeconds };
}

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
