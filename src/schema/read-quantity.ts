import { parseQuantity, quantityExamples, type Quantity } from "../units.js";
import type { ProblemList } from "./problem-list.js";

/**
 * A quantity of the file in SI units; undefined where it is absent or wrong (the problem is noted).
 * @param atLeast the least value allowed; `exclusive` leaves out the value itself.
 */
export function readQuantity(
  kind: Quantity,
  value: number | string | undefined,
  path: string,
  list: ProblemList,
  range: { readonly atLeast: number; readonly exclusive?: boolean } = { atLeast: 0 },
): number | undefined {
  if (value === undefined) return undefined;
  const parsed = parseQuantity(kind, value);
  if (parsed === undefined) {
    list.add(path, value, quantityExamples(kind), unitRemedy(kind));
    return undefined;
  }
  const tooSmall = range.exclusive === true ? parsed <= range.atLeast : parsed < range.atLeast;
  if (!Number.isFinite(parsed) || tooSmall) {
    const bound = range.exclusive === true ? "above" : "of at least";
    list.add(path, value, `a finite quantity ${bound} ${range.atLeast}`, "Correct the value.");
    return undefined;
  }
  return parsed;
}

function unitRemedy(kind: Quantity): string {
  if (kind === "bytesPerSecond") return "Write a number with a unit; b is bits, B is bytes.";
  return "Write a number with a unit.";
}
