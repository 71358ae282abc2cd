import { hasLimits } from "../market/purchase-limits.js";
import type { Beside, BoughtMachines, Goal } from "../market/purchase.js";
import { formatDollars, formatRate } from "./format-number.js";

/** "2 × h8 in west + 1 × l4". */
export function describeMix(mix: readonly BoughtMachines[]): string {
  return mix
    .map(
      ({ machine, region, count }) =>
        `${count} × ${machine}${region === undefined ? "" : ` in ${region}`}`,
    )
    .join(" + ");
}

/** Of limits on latency: what arrives is told, as what is served of it in a short run differs by chance. */
export function describeKept(tokensPerSecond: number): string {
  return tokensPerSecond === 0
    ? "keeps the limits at no rate of arrivals that was tried"
    : `keeps the limits with up to ${formatRate(tokensPerSecond)} tokens/s arriving`;
}

/** "beside it, one machine type: 3 × h100x4 in us-east for 33.60 $/h serves 8815.3 decode tokens/s". */
export function describeBeside(beside: Beside, goal: Goal): string {
  const { name, mix, pricePerHour, tokensPerSecond, decodeTokensPerSecond, reason } = beside;
  const machines = describeMix(mix ?? []);
  const cost = pricePerHour === undefined ? "" : ` for ${formatDollars(pricePerHour)} $/h in all`;
  const gives =
    reason !== undefined
      ? `serves nothing: ${reason}`
      : hasLimits(goal)
        ? describeKept(tokensPerSecond)
        : tokensPerSecond === 0
          ? "serves nothing"
          : decodeTokensPerSecond === undefined
            ? `carries ${formatRate(tokensPerSecond)} tokens/s`
            : `serves ${formatRate(decodeTokensPerSecond)} decode tokens/s, ${formatRate(tokensPerSecond)} with prompts`;
  return `beside it, ${name}${machines === "" ? "" : `: ${machines}`}${cost} ${gives}`;
}
