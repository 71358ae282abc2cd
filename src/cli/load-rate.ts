import { parseQuantity } from "../core/units.js";
import { optionError } from "./options.js";

export const LOAD_RATE_HELP = 'at which every node loads weights (default: "1 GB/s", assumed)';

/** @throws InputError for what is no rate. */
export function readLoadRate(text: string | undefined): { readonly loadRate?: number } {
  if (text === undefined) return {};
  const loadRate = parseQuantity("bytesPerSecond", text);
  if (loadRate !== undefined && loadRate > 0 && Number.isFinite(loadRate)) return { loadRate };
  throw optionError(
    "--load-rate",
    text,
    'bytes per second above 0, such as "2 GB/s"',
    "Correct the option.",
  );
}
