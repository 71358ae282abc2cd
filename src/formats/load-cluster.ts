import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Cluster } from "../core/cluster.js";
import type { Model } from "../core/model.js";
import type { AskedOfCluster } from "./asked-of-cluster.js";
import { referencedModelSchema, type ClusterFile } from "./cluster-schema.js";
import { parseJson } from "./parse-json.js";
import { resolveCluster } from "./resolve-cluster.js";
import type { FileSource } from "./file-source.js";
import { openModel, type OpenModelOptions } from "./open-model.js";

/** A cluster with the fingerprint of the file it came from. */
export interface LoadedCluster {
  readonly cluster: Cluster;
  /** SHA-256 of the file's content with keys sorted and white space removed. */
  readonly sha256: string;
}

/** The same with the file's content, to make other clusters of it. */
export interface OpenedCluster extends LoadedCluster {
  readonly file: ClusterFile;
  /** The model of the file that the cluster file refers to, where it does. */
  readonly referencedModel?: Model;
}

/**
 * Cluster file text → cluster. For files that refer to a model file: `openCluster`.
 * @param source name of the file, for messages.
 * @throws InputError with every problem found.
 */
export function loadCluster(source: string, text: string): LoadedCluster {
  const json = parseJson(source, text);
  const cluster = resolveCluster(source, json);
  return { cluster, sha256: fingerprint(json) };
}

/**
 * Cluster file → cluster, with the model file that it may refer to (`"model": {"config": …}`, a path
 * relative to the cluster file). A change of that file changes the fingerprint.
 * @param asked what stands in place of what the file says: the engine, how cards work together.
 * @throws InputError with every problem found.
 */
export async function openCluster(
  path: string,
  files: FileSource,
  asked?: AskedOfCluster,
): Promise<OpenedCluster> {
  const json = parseJson(path, await files.readText(path));
  const reference = referenceIn(json);
  if (reference === undefined) {
    const cluster = resolveCluster(path, json, undefined, asked);
    return { cluster, sha256: fingerprintOf(json), file: json as ClusterFile };
  }
  const modelPath = files.beside(path, reference.config);
  const { config: _, ...types } = reference;
  const { model } = await openModel(modelPath, types, files);
  const cluster = resolveCluster(path, json, model, asked);
  const own = fingerprintOf(json, model);
  return { cluster, sha256: own, file: json as ClusterFile, referencedModel: model };
}

/** The model file that a cluster file refers to; files that say it wrongly are reported later. */
function referenceIn(json: unknown): ({ config: string } & OpenModelOptions) | undefined {
  if (typeof json !== "object" || json === null || !("model" in json)) return undefined;
  const parsed = referencedModelSchema.safeParse(json.model);
  if (!parsed.success) return undefined;
  const { config, dtype, kvDtype } = parsed.data;
  return {
    config,
    ...(dtype === undefined ? {} : { dtype }),
    ...(kvDtype === undefined ? {} : { kvDtype }),
  };
}

/** The fingerprint of a cluster file, with the model file that it refers to where it does. */
export function fingerprintOf(file: unknown, model?: Model): string {
  return fingerprint(model === undefined ? file : { file, model });
}

/** SHA-256 of JSON content, whatever its key order and white space. */
export function fingerprint(json: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(sortKeys(json)))));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
