import type { Placement } from "../../core/placement.js";
import type { JudgedPlacement, Trial } from "./goodput-trials.js";

/**
 * Last runs of the finalists, and of the next best as long as there is time for as many as run at once: a trial errs by more than
 * they differ. Undefined where not all finalists could be run.
 * @param time seconds
 */
export async function runFinalists(
  finalists: readonly Placement[],
  next: readonly Placement[],
  run: Trial,
  atOnce: number,
  time: { readonly now: () => number; readonly left: () => number },
): Promise<readonly JudgedPlacement[] | undefined> {
  const begun = time.now();
  const judged = [...(await run(finalists))];
  if (judged.length < finalists.length) return undefined;
  const batches = Math.ceil(finalists.length / atOnce);
  const perBatch = (time.now() - begun) / batches;
  const others = next.filter((placement) => !finalists.includes(placement));
  for (let at = 0; at < others.length && time.left() > perBatch; at += atOnce)
    judged.push(...(await run(others.slice(at, at + atOnce))));
  return judged;
}
