import type { PlacementFile } from "../formats/placement-schema.js";
import { formatPercent, formatRate } from "./format-number.js";

const WHY = { interrupted: "the interrupt came", "time-limit": "time was up" } as const;

/** That smaller steps were not tried, and why. Undefined where they were, or nobody wanted them. */
export function describeStepsUntried({
  served,
}: Pick<PlacementFile, "served">): string | undefined {
  const why = served?.stepsUntried;
  if (why === undefined) return undefined;
  const which =
    served?.engineStep === undefined
      ? "the size of a step stays as it was"
      : "other sizes of a step are open";
  return `${which}: ${WHY[why]} before every smaller size had a plan, and one of them may serve more`;
}

/** Which size of a step was chosen with the plan, and what that is worth. Undefined where none was. */
export function describeStepChosen({
  engineSettings,
  served,
}: Pick<PlacementFile, "engineSettings" | "served">): string | undefined {
  const chosen = engineSettings?.batchTokens;
  if (served?.engineStep === undefined || chosen === undefined) return undefined;
  const { batchTokens, decodeTokensPerSecond: own, rate } = served.engineStep;
  // Within limits sizes are compared by rates: what one run serves at its own is more or less by chance.
  const most = served.at === "saturation" ? undefined : served.at.rate;
  const byRate = rate !== undefined && most !== undefined;
  const less = byRate ? 1 - rate / most : 1 - own / served.decodeTokensPerSecond;
  const beside =
    own === 0
      ? "no plan was found that keeps the limits"
      : byRate
        ? `the limits hold with up to ${formatRate(rate)} tokens/s arriving, ${formatPercent(less)} less`
        : `it serves ${formatRate(own)} decode tokens/s, ${formatPercent(less)} less`;
  return `steps of ${chosen} tokens, which launch files set; with the engine's own ${batchTokens} ${beside}`;
}
