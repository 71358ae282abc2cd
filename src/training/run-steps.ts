/** Work in steps, with a pause after each in which it can be given up. */
export type Steps<Result> = Generator<undefined, Result>;

/** Does all steps of a work without a pause. */
export function runSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
