import { InvalidArgumentError } from "commander";
import { InputError } from "../core/errors.js";
import { parseQuantity, proposePricePerHour } from "../core/units.js";

/** A commander parser for numbers in a range. */
export function numberOption(range: {
  readonly atLeast: number;
  readonly below?: number;
  readonly most?: number;
  readonly whole?: boolean;
}): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    const wrongKind = range.whole === true ? !Number.isSafeInteger(value) : !Number.isFinite(value);
    const { below = Infinity, most = Infinity } = range;
    if (wrongKind || value < range.atLeast || value >= below || value > most) {
      const kind = range.whole === true ? "a whole number" : "a number";
      const upper =
        below < Infinity ? ` and below ${below}` : most < Infinity ? ` and at most ${most}` : "";
      const lower = range.atLeast === Number.MIN_VALUE ? "above 0" : `of at least ${range.atLeast}`;
      throw new InvalidArgumentError(`Expected ${kind} ${lower}${upper}.`);
    }
    return value;
  };
}

/** A commander parser for dollars per hour of at least 0, with the unit or without. */
export function dollarsOption(text: string): number {
  const plain = Number(text);
  const value = Number.isNaN(plain) ? parseQuantity("dollarsPerHour", text) : plain;
  if (text.trim() === "" || value === undefined || !Number.isFinite(value) || value < 0) {
    const example = proposePricePerHour(text) ?? "40 $/h";
    const expected = `Expected dollars per hour of at least 0, as ${parseFloat(example)} or "${example}".`;
    throw new InvalidArgumentError(expected);
  }
  return value;
}

/** An InputError about an option. */
export function optionError(
  option: string,
  found: string,
  expected: string,
  remedy: string,
): InputError {
  return new InputError("command line", [{ path: option, found, expected, remedy }]);
}
