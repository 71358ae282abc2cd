import { dirname, resolve } from "node:path";
import { readText } from "../node/read-text.js";
import { parseJson } from "../formats/parse-json.js";
import { clusterPathOf, inlineTrainingCluster } from "../formats/training-cluster-from-file.js";
import type { Terminal } from "./terminal.js";

/**
 * A job file as parsed JSON, the cluster file it names (relative to it) put in its place. `-` reads
 * standard input.
 * @throws InputError when a file cannot be read or is no JSON.
 */
export async function readJobData(path: string, terminal: Terminal): Promise<unknown> {
  const read = async (file: string): Promise<unknown> =>
    parseJson(file, await readText(file, terminal.readStandardInput));
  const job = await read(path);
  const clusterPath = clusterPathOf(job);
  if (clusterPath === undefined) return job;
  const folder = path === "-" ? "." : dirname(path);
  return inlineTrainingCluster(job, await read(resolve(folder, clusterPath)));
}
