import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Curve } from "../src/core/capacity.js";

/** Measured timing of one layer on one machine type, from the public Helix artifact. */
export interface MeasuredMachine {
  readonly promptSeconds: Curve;
  readonly decodeSeconds: Curve;
  readonly kvBlocks: readonly number[];
}

/** The measured machines of a model by name, from `profile-curves-<model>.json`. */
export function readMeasuredCurves(
  folder: string,
  model: string,
): Readonly<Record<string, MeasuredMachine>> {
  const text = readFileSync(join(folder, `profile-curves-${model}.json`), "utf8");
  return (JSON.parse(text) as { machines: Record<string, MeasuredMachine> }).machines;
}
