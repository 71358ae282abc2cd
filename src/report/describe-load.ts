import type { PlacementFile } from "../formats/placement-schema.js";
import { formatRate } from "./format-number.js";

/** Under what load a placement was simulated: "at full load", or with which arrivals. */
export function describeLoad({ at }: Pick<NonNullable<PlacementFile["served"]>, "at">): string {
  return at === "saturation" ? "at full load" : `with ${formatRate(at.rate)} tokens/s arriving`;
}
