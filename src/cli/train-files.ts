import { dirname, isAbsolute, join } from "node:path";
import { readText } from "../node/read-text.js";
import { parseJson } from "../formats/parse-json.js";
import { clusterPathOf, inlineTrainingCluster } from "../formats/training-cluster-from-file.js";
import { InputError } from "../core/errors.js";
import { readTrainingJob } from "../formats/read-training-job.js";
import type { TrainingJob } from "../training/training-job.js";
import type { Terminal } from "./terminal.js";

/**
 * A job file, the cluster file it names (relative to it) put in its place. `-` reads standard input.
 * @throws InputError when a file cannot be read or is no JSON, and with every problem of the job. Of a cluster file's machine what is
 * missing is added under the job's own `machines`.
 */
export async function readJob(path: string, terminal: Terminal): Promise<TrainingJob> {
  const read = async (file: string): Promise<unknown> =>
    parseJson(file, await readText(file, terminal.readStandardInput));
  const job = await read(path);
  const clusterPath = clusterPathOf(job);
  if (clusterPath === undefined) return readTrainingJob(path, job);
  const folder = path === "-" ? "." : dirname(path);
  // As it was given, so that a file that is missing is named by a path that the user wrote.
  const beside = isAbsolute(clusterPath) ? clusterPath : join(folder, clusterPath);
  const data = inlineTrainingCluster(job, await read(beside));
  try {
    return readTrainingJob(path, data);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const own = error.problems.map((problem) => ({
      ...problem,
      path: problem.path.replace(/^cluster\.machines\b/, "machines"),
    }));
    throw new InputError(path, own);
  }
}
