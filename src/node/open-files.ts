import { dirname, isAbsolute, join } from "node:path";
import {
  importCluster as importFrom,
  type ImportedCluster,
  type ImportSources,
} from "../exchange/import/import-cluster.js";
import type { AskedOfCluster } from "../formats/asked-of-cluster.js";
import type { FileSource } from "../formats/file-source.js";
import { openCluster as openClusterFrom, type OpenedCluster } from "../formats/load-cluster.js";
import {
  openModel as openModelFrom,
  type OpenedModel,
  type OpenModelOptions,
} from "../formats/open-model.js";
import { readPrefix, sizeOf } from "./read-prefix.js";
import { readTextIfThere } from "./read-text.js";

/** Reads a text file, or standard input for `-`. */
type ReadText = (path: string) => Promise<string>;

/** Files of this machine, their texts read as the caller says. */
function filesOf(readText: ReadText): FileSource {
  return {
    readText,
    readPrefix,
    readTextIfThere,
    sizeOf,
    inside: join,
    beside: (path, name) => (isAbsolute(name) ? name : join(dirname(path), name)),
  };
}

/**
 * Cluster file → cluster, with the model file that it may refer to (`"model": {"config": …}`, a path
 * relative to the cluster file). A change of that file changes the fingerprint.
 * @param read reads a text file, or standard input for `-`.
 * @param asked what stands in place of what the file says: the engine, how cards work together.
 * @throws InputError with every problem found.
 */
export function openCluster(
  path: string,
  read: ReadText,
  asked?: AskedOfCluster,
): Promise<OpenedCluster> {
  return openClusterFrom(path, filesOf(read), asked);
}

/**
 * A Hugging Face config.json, a folder with one, or a GGUF file → model. Beside a config.json its
 * `hf_quant_config.json` is read too; of a split GGUF model all parts are.
 * @param read reads a text file (or standard input).
 * @throws InputError when the file cannot be read or understood.
 */
export function openModel(
  path: string,
  options: OpenModelOptions,
  read: ReadText,
): Promise<OpenedModel> {
  return openModelFrom(path, options, filesOf(read));
}

/**
 * Other tools' output → a cluster file and what had to be assumed for it.
 * @param read reads a text file, or standard input for `-`.
 * @throws InputError with line and column of what cannot be understood.
 */
export function importCluster(sources: ImportSources, read: ReadText): Promise<ImportedCluster> {
  return importFrom(sources, filesOf(read));
}
