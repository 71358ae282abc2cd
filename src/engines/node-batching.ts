import { InputError } from "../core/errors.js";
import type { Engine } from "./engine.js";
import type { BatchingName } from "./helix/batchings.js";

/**
 * How nodes form batches under an engine, where they do it; what comes nearest where one scheduler does it
 * for a whole chain.
 * @throws InputError for a rule that needs an engine which stops between layers, as only Helix does.
 */
export function nodeBatching({ batching, title }: Engine, asked?: BatchingName): BatchingName {
  if (batching.kind === "layerwise") return asked ?? "layerwise";
  if (asked === undefined || asked === "continuous") return "continuous";
  throw new InputError("batching", [
    {
      path: "--batching",
      found: `${asked} with ${title}`,
      expected: "nothing, or a runtime that stops between layers (--engine helix)",
      remedy: `Leave --batching out: ${title} forms its batches by a rule of its own.`,
    },
  ]);
}
