/** Tokens/s and the like for people: one decimal below 10,000, none above. */
export function formatRate(value: number): string {
  if (!Number.isFinite(value)) return "∞";
  return value < 10_000 ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
}

/** A share as percent: `0.0123` → `1.23 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
