import type { Model, Workload } from "../core/model.js";
import { findModelPreset, modelPresetNames } from "../model/presets.js";
import { findWorkloadPreset, workloadPresetNames } from "../model/workload-presets.js";
import type { ClusterFile } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";

const DEFAULT_WORKLOAD = "azure-conversation";

/**
 * The model of a cluster file.
 * @param referenced the model read from `{"config": …}`, when the entry is of that form.
 */
export function resolveModel(
  entry: ClusterFile["model"],
  referenced: Model | undefined,
  list: ProblemList,
): Model | undefined {
  if (typeof entry !== "string") {
    if (!("config" in entry)) return entry;
    if (referenced === undefined) addUnreadReference(entry.config, list);
    return referenced;
  }
  const preset = findModelPreset(entry);
  if (preset === undefined) addUnknownPreset("model", entry, modelPresetNames(), list);
  return preset;
}

export function resolveWorkload(
  entry: ClusterFile["workload"],
  list: ProblemList,
): Workload | undefined {
  if (typeof entry === "object") return { name: "custom", ...entry };
  const name = entry ?? DEFAULT_WORKLOAD;
  const preset = findWorkloadPreset(name);
  if (preset === undefined) addUnknownPreset("workload", name, workloadPresetNames(), list);
  return preset;
}

function addUnknownPreset(
  what: "model" | "workload",
  name: string,
  known: readonly string[],
  list: ProblemList,
): void {
  list.add(
    what,
    name,
    `a ${what} preset (${known.join(", ")}) or an object that describes it`,
    list.suggest(name, known, "Use a preset or describe it."),
  );
}

/** Only a caller that passes text without its place can get here. */
function addUnreadReference(path: string, list: ProblemList): void {
  list.add(
    "model.config",
    path,
    "a model that was read beforehand",
    "Open the cluster file by its path (openCluster), or name a preset.",
  );
}
