import type { Assumption } from "../core/model.js";
import { printable } from "../core/printable.js";

/** An assumption as one line. */
export function describeAssumption({ what, effect }: Assumption): string {
  return `assumed: ${printable(what)}: ${printable(effect)}`;
}
