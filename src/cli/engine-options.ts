import { InvalidArgumentError, type Command } from "commander";
import type { AskedEngine, EngineName, EngineSettings } from "../core/engine-choice.js";
import { describeEngineChoice, preferEngine } from "../core/engine-choice.js";
import type { EngineAsked } from "../engines/choose-engine.js";
import { printable } from "../core/printable.js";
import type { Cluster } from "../core/cluster.js";
import type { AskedOfCluster } from "../formats/asked-of-cluster.js";
import type { TensorParallelEntry } from "../formats/cluster-schema.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { engineOfPlacement } from "../formats/read-engine.js";

/** What the terminal said of the engine, and of how cards work together. */
export interface EngineOptions extends EngineSettings {
  readonly engine?: EngineName;
  readonly tensorParallel?: TensorParallelEntry;
}

/** Adds `--tensor-parallel`. */
export function addCardsOption(command: Command): Command {
  return command.option(
    "--tensor-parallel <degrees>",
    "cards of a machine that work as one node: auto (chosen, the default), whole (all), 4 or 1,2,4; instead of what the file says",
    parseDegrees,
  );
}

function parseDegrees(text: string): TensorParallelEntry {
  if (text === "auto" || text === "whole") return text;
  if (!/^[1-9]\d{0,5}(,[1-9]\d{0,5})*$/.test(text))
    throw new InvalidArgumentError(
      "Expected auto, whole, a number of cards, or several as in 1,2,4.",
    );
  const degrees = text.split(",").map(Number);
  return degrees.length === 1 ? degrees[0]! : degrees;
}

/** What stands in place of what the cluster file says, for a placement if one is given. */
export function askCluster(options: EngineOptions, file?: PlacementFile): AskedOfCluster {
  const parted = file?.nodes.some(({ cards }) => cards !== undefined) === true;
  const { tensorParallel } = options;
  return {
    ...askEngine(options, file),
    ...(parted ? { parted } : {}),
    ...(tensorParallel === undefined ? {} : { tensorParallel }),
  };
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
  const asked: AskedEngine = {
    ...(name === undefined ? {} : { name, from: "asked for" }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
  };
  return planned === undefined ? asked : preferEngine(planned, asked)!;
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

/** "Engine vllm, from the cluster file.", a line of its own; nothing where nobody chose one. */
export function sayEngine({ engine }: Cluster): string {
  if (engine === undefined) return "";
  const text = describeEngineChoice(engine);
  return `${text[0]!.toUpperCase()}${text.slice(1)}.\n`;
}

/** That a placement was made for another version of the cluster file, a line of its own; nothing where it was for this one. */
export function sayVersion(
  { cluster }: Pick<PlacementFile, "cluster">,
  sha256: string,
  name = "the placement",
): string {
  return cluster.sha256 === sha256
    ? ""
    : `Note: ${printable(name)} was made for another version of this cluster file.\n`;
}
