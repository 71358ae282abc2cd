import type { Model, Workload } from "../core/model.js";
import { modelPresetNames, readModelPreset } from "../model/presets.js";
import { findWorkloadPreset, workloadPresetNames } from "../model/workload-presets.js";
import type { ClusterFile, InlineModelEntry, ListedModelEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";
import { readQuantity } from "./read-quantity.js";
import { resolveListedModel } from "./resolve-listed-model.js";

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
  if (typeof entry === "string") return resolvePreset("model", { preset: entry }, list);
  if ("preset" in entry) return resolvePreset("model.preset", entry, list);
  if ("config" in entry) {
    if (referenced === undefined) addUnreadReference(entry.config, list);
    return referenced;
  }
  return Array.isArray(entry.layers)
    ? resolveListedModel(entry as ListedModelEntry, list)
    : resolveInlineModel(entry as InlineModelEntry);
}

function resolveInlineModel({ name, layers, ...sizes }: InlineModelEntry): Model {
  return {
    name,
    layers,
    layerBytes: readQuantity("bytes", sizes.layerBytes),
    activationBytes: readQuantity("bytes", sizes.activationBytes),
    tokenBytes: readQuantity("bytes", sizes.tokenBytes),
    kvBytesPerToken: readQuantity("bytes", sizes.kvBytesPerToken),
  };
}

interface PresetEntry {
  readonly preset: string;
  readonly dtype?: string | undefined;
  readonly kvDtype?: string | undefined;
}

function resolvePreset(
  path: string,
  { preset, dtype, kvDtype }: PresetEntry,
  list: ProblemList,
): Model | undefined {
  const outcome = readModelPreset(preset, {
    ...(dtype === undefined ? {} : { dtype }),
    ...(kvDtype === undefined ? {} : { kvDtype }),
  });
  if (outcome === undefined) {
    addUnknownPreset("model", path, preset, modelPresetNames(), list);
    return undefined;
  }
  if (outcome.kind === "model") return outcome.model;
  for (const problem of outcome.problems)
    list.addDescribed({ ...problem, path: `model.${problem.path}` });
  return undefined;
}

export function resolveWorkload(
  entry: ClusterFile["workload"],
  list: ProblemList,
): Workload | undefined {
  if (typeof entry === "object") return { name: "custom", ...entry };
  const name = entry ?? DEFAULT_WORKLOAD;
  const preset = findWorkloadPreset(name);
  if (preset === undefined)
    addUnknownPreset("workload", "workload", name, workloadPresetNames(), list);
  return preset;
}

function addUnknownPreset(
  what: "model" | "workload",
  path: string,
  name: string,
  known: readonly string[],
  list: ProblemList,
): void {
  list.add(
    path,
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
