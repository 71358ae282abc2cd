import type { AskedEngine, EngineName, EngineSettings } from "../core/engine-choice.js";
import { describeEngineChoice } from "../core/engine-choice.js";
import type { EngineAsked } from "../engines/choose-engine.js";
import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { engineOfPlacement } from "../formats/read-engine.js";

/** What the terminal said of the engine. */
export interface EngineOptions extends EngineSettings {
  readonly engine?: EngineName;
}

/**
 * What stands in place of the cluster file's engine: the one asked for, or else the one that the placement
 * was planned for, with what was set of it.
 */
export function askEngine(
  { engine: name, batchTokens, maxSequences }: EngineOptions,
  file?: PlacementFile,
): AskedEngine {
  const planned = file && engineOfPlacement(file);
  const kept = name === undefined || name === planned?.name ? planned : undefined;
  return {
    ...kept,
    ...(name === undefined ? {} : { name, from: "asked for" }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
  };
}

/** The same for one placement of several: what its run asks of the engine beside the cluster. */
export function engineAsked(options: EngineOptions, file?: PlacementFile): EngineAsked {
  const { name, batchTokens, maxSequences } = askEngine(options, file);
  return {
    ...(name === undefined ? {} : { engine: name }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
  };
}

/** "Engine vllm, from cluster.json.", a line of its own; nothing where nobody chose one. */
export function sayEngine({ engine }: Cluster): string {
  if (engine === undefined) return "";
  const text = describeEngineChoice(engine);
  return `${text[0]!.toUpperCase()}${text.slice(1)}.\n`;
}
