import type { Model } from "../core/model.js";
import type { Engine } from "./engine.js";

/** Why an engine has no code for the model, in a sentence; undefined where it has, or where nobody knows. */
export function refuseFamily(
  { title, families }: Pick<Engine, "title" | "families">,
  { family }: Model,
): string | undefined {
  if (families === undefined || family === undefined || families.includes(family)) return undefined;
  return `${title} serves the families ${families.join(", ")}; this model is of the family ${family}`;
}
