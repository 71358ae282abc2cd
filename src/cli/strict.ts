import { InputError } from "../core/errors.js";
import type { Assumption } from "../core/model.js";

export const STRICT_HELP =
  "refuse (exit 2) what rests on an assumption about the model or its machines";

/**
 * Lets nothing through that rests on a guess at a fact.
 * @throws InputError naming every such assumption.
 */
export function refuseAssumptions(source: string, assumptions: readonly Assumption[]): void {
  const guesses = assumptions.filter(({ isDefault }) => isDefault !== true);
  if (guesses.length === 0) return;
  throw new InputError(
    source,
    guesses.map(({ what, where, effect }) => ({
      path: where,
      found: `an assumption: ${what}`,
      expected: "nothing to be assumed (--strict)",
      remedy: `Say it in the file, or leave out --strict and take "${effect}".`,
    })),
  );
}
