import { preferEngine, type AskedEngine, type EngineChoice } from "../core/engine-choice.js";
import type { ClusterFile } from "./cluster-schema.js";
import type { PlacementFile } from "./placement-schema.js";

type Settings = NonNullable<PlacementFile["engineSettings"]>;

/** The engine that a cluster file names. */
export function engineOfCluster(entry: ClusterFile["engine"]): EngineChoice | undefined {
  if (entry === undefined) return undefined;
  const from = "from the cluster file";
  if (typeof entry === "string") return { name: entry, from };
  const { name, ...settings } = entry;
  return { name, ...readSettings(settings), from };
}

/** A cluster file with what was asked of the engine in place of what it says. */
export function withEngine(file: ClusterFile, asked: AskedEngine): ClusterFile {
  const choice = preferEngine(engineOfCluster(file.engine), asked);
  if (choice === undefined) return file;
  const { from: _, ...engine } = choice;
  return { ...file, engine };
}

/** The engine that a placement was planned for, where its file says so. */
export function engineOfPlacement({
  engine: name,
  engineSettings = {},
}: Pick<PlacementFile, "engine" | "engineSettings">): EngineChoice | undefined {
  if (name === undefined) return undefined;
  return { name, ...readSettings(engineSettings), from: "as the placement was planned for" };
}

/** The engine as a placement file records it. */
export function describeEngine(
  choice: EngineChoice | undefined,
): Pick<PlacementFile, "engine" | "engineSettings"> {
  if (choice === undefined) return {};
  const { name, from: _, ...settings } = choice;
  if (Object.keys(settings).length === 0) return { engine: name };
  return { engine: name, engineSettings: settings };
}

function readSettings({
  version,
  batchTokens,
  maxSequences,
  overhead,
}: Settings): Omit<EngineChoice, "name" | "from"> {
  const { stepSeconds, layerSeconds } = overhead ?? {};
  return {
    ...(version === undefined ? {} : { version }),
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
    ...(overhead === undefined
      ? {}
      : {
          overhead: {
            ...(stepSeconds === undefined ? {} : { stepSeconds }),
            ...(layerSeconds === undefined ? {} : { layerSeconds }),
          },
        }),
  };
}
