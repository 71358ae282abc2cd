import type { Model, Workload } from "../model/model.js";
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
  if (typeof entry === "object" && "config" in entry) {
    if (referenced === undefined) {
      const expected = "a file that was read, a model preset, or an object with the figures";
      list.add("model.config", entry.config, expected, "Give the model's figures here.");
    }
    return referenced;
  }
  if (typeof entry === "object") return entry;
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
