import { BugError } from "../core/errors.js";
import {
  parseQuantity,
  proposePricePerHour,
  quantityExamples,
  type Quantity,
} from "../core/units.js";

/** What a quantity must be at least, `exclusive` without the value itself, and at most. */
export interface QuantityRange {
  readonly atLeast: number;
  readonly exclusive?: boolean;
  readonly atMost?: number;
}

/** In SI units. Beyond, sums and quotients leave the range in which floats can be compared. */
const LEAST_QUANTITY = 1e-12;
const MOST_QUANTITY = 1e24;

/** What is wrong with a quantity as it stands in a file, or undefined if nothing is. */
export function findQuantityProblem(
  kind: Quantity,
  value: number | string,
  range: QuantityRange,
): { readonly expected: string; readonly remedy: string } | undefined {
  const parsed = parseQuantity(kind, value);
  if (parsed === undefined || Number.isNaN(parsed)) {
    return { expected: quantityExamples(kind), remedy: unitRemedy(kind, value) };
  }
  if (
    Number.isFinite(parsed) &&
    parsed > 0 &&
    (parsed < LEAST_QUANTITY || parsed > MOST_QUANTITY)
  ) {
    return {
      expected: `${range.exclusive === true ? "" : "0 or "}between ${LEAST_QUANTITY} and ${MOST_QUANTITY} in SI units`,
      remedy: "Correct the value or its unit: nothing real is that small or large.",
    };
  }
  const tooSmall = range.exclusive === true ? parsed <= range.atLeast : parsed < range.atLeast;
  const { atMost = Infinity } = range;
  if (Number.isFinite(parsed) && parsed > atMost) {
    return {
      expected: `a finite quantity of at most ${atMost}`,
      remedy: "Correct the value or its unit.",
    };
  }
  if (Number.isFinite(parsed) && !tooSmall) return undefined;
  const bound = range.exclusive === true ? "above" : "of at least";
  return {
    expected: `a finite quantity ${bound} ${range.atLeast}`,
    remedy: "Correct the value.",
  };
}

function unitRemedy(kind: Quantity, value: number | string): string {
  const byHour = kind === "dollarsPerHour" ? proposePricePerHour(String(value)) : undefined;
  if (byHour !== undefined) return `Write it by the hour: "${byHour}".`;
  if (kind === "bytesPerSecond") return "Write a number with a unit; b is bits, B is bytes.";
  return "Write a number with a unit.";
}

/**
 * A quantity that the schema let through, in SI units.
 * @throws BugError when it is none.
 */
export function readQuantity(kind: Quantity, value: number | string): number {
  const parsed = parseQuantity(kind, value);
  if (parsed === undefined) throw new BugError(`${JSON.stringify(value)} is no quantity`);
  return parsed;
}

/** The same for entries that may be absent. */
export function readOptionalQuantity(
  kind: Quantity,
  value: number | string | undefined,
): number | undefined {
  return value === undefined ? undefined : readQuantity(kind, value);
}
