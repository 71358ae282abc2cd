/** From here on a number has no decimals and its thousands apart. */
const LARGE = 10_000;

/** Tokens/s and the like for people: one decimal below 10,000, none above. */
export function formatRate(value: number): string {
  if (!Number.isFinite(value)) return "∞";
  return value < LARGE ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
}

/** A number as it stands at an axis or is counted: thousands apart as in a rate, no dust of decimal fractions. */
export function formatCount(value: number): string {
  const tidy = Number(value.toPrecision(12));
  return Math.abs(tidy) < LARGE ? String(tidy) : tidy.toLocaleString("en-US");
}

/** Seconds: three decimals below one, two above. */
export function formatSeconds(seconds: number): string {
  return seconds.toFixed(seconds < 1 ? 3 : 2);
}

/** A share as percent: `0.0123` → `1.23 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Dollars, or a dash where a machine has no price. */
export function formatDollars(value: number | undefined, digits = 2): string {
  return value === undefined ? "–" : value.toFixed(digits);
}
