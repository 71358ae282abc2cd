import { createHash } from "node:crypto";
import type { Cluster } from "../cluster/cluster.js";
import { parseJson } from "../schema/parse-json.js";
import { resolveCluster } from "../schema/resolve-cluster.js";

/** A cluster with the fingerprint of the file it came from. */
export interface LoadedCluster {
  readonly cluster: Cluster;
  /** SHA-256 of the file's content with keys sorted and white space removed. */
  readonly sha256: string;
}

/**
 * Cluster file text → cluster.
 * @param source name of the file, for messages.
 * @throws InputError with every problem found.
 */
export function loadCluster(source: string, text: string): LoadedCluster {
  const json = parseJson(source, text);
  const cluster = resolveCluster(source, json);
  return { cluster, sha256: fingerprint(json) };
}

/** SHA-256 of JSON content, whatever its key order and white space. */
export function fingerprint(json: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sortKeys(json)))
    .digest("hex");
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
