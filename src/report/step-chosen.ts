import type { PlacementFile } from "../formats/placement-schema.js";
import { formatPercent, formatRate } from "./format-number.js";

const WHY = { interrupted: "interrupted", "time-limit": "out of time" } as const;

/** That smaller steps were not tried, and why. Undefined where they were, or nobody wanted them. */
export function describeStepsUntried({
  served,
}: Pick<PlacementFile, "served">): string | undefined {
  const why = served?.stepsUntried;
  if (why === undefined) return undefined;
  return `the size of a step stays as it was: ${WHY[why]} before smaller ones, which may serve more, were all tried`;
}

/** Which size of a step was chosen with the plan, and what that is worth. Undefined where none was. */
export function describeStepChosen({
  engineSettings,
  served,
}: Pick<PlacementFile, "engineSettings" | "served">): string | undefined {
  const chosen = engineSettings?.batchTokens;
  if (served?.engineStep === undefined || chosen === undefined) return undefined;
  const { batchTokens, decodeTokensPerSecond: own } = served.engineStep;
  const less = 1 - own / served.decodeTokensPerSecond;
  const beside =
    own === 0
      ? "no plan was found that keeps the limits"
      : `it serves ${formatRate(own)} decode tokens/s, ${formatPercent(less)} less`;
  return `steps of ${chosen} tokens, which launch files set; with the engine's own ${batchTokens} ${beside}`;
}
