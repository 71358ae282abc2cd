import { printable } from "../core/printable.js";
import type { LeftOut } from "../market/listed-machines.js";
import type { Settled } from "../market/settle.js";

/** Machines of a price list that nobody can buy for this engine, a line each. */
export function describeLeftOut(leftOut: readonly LeftOut[] = []): readonly string[] {
  return leftOut.map(({ machine, why }) =>
    printable(
      `left out: ${machine} of the price list, whose figures are those of all its cards as one node: ${why}`,
    ),
  );
}

/** Whose word counts where cluster file and price list do not say the same, a line each. */
export function describeSettled(settled: readonly Settled[] = []): readonly string[] {
  const shown = (value: unknown): string => (value === null ? "nothing" : JSON.stringify(value));
  return settled.map(({ path, value, from, instead }) =>
    printable(
      from === "cluster file"
        ? `${path}: ${shown(value)} as in the cluster file, not ${shown(instead)} as on the price list`
        : `${path}: ${shown(value)}, ${from === "price list" ? "as on the price list" : `the ${from}`}; the cluster file does not say`,
    ),
  );
}
