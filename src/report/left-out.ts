import { printable } from "../core/printable.js";
import type { LeftOut } from "../market/market.js";

/** Machines of a price list that nobody can buy for this engine, a line each. */
export function describeLeftOut(leftOut: readonly LeftOut[] = []): readonly string[] {
  return leftOut.map(({ machine, why }) =>
    printable(
      `left out: ${machine} of the price list, whose figures are those of all its cards as one node: ${why}`,
    ),
  );
}
