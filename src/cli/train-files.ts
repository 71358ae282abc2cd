import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InputError } from "../errors.js";
import { clusterPathOf, inlineTrainingCluster } from "../schema/training-cluster-from-file.js";

/**
 * A job file as parsed JSON, the cluster file it names (relative to it) put in its place. `-` reads
 * standard input.
 * @throws InputError when a file cannot be read or is no JSON.
 */
export async function readJobData(path: string): Promise<unknown> {
  const job = await readJson(path);
  const clusterPath = clusterPathOf(job);
  if (clusterPath === undefined) return job;
  const folder = path === "-" ? "." : dirname(path);
  return inlineTrainingCluster(job, await readJson(resolve(folder, clusterPath)));
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = path === "-" ? await readStandardInput() : await readFile(path, "utf8");
  } catch (error) {
    throw broken(
      path,
      `an unreadable file (${codeOf(error)})`,
      "a readable file",
      "Check the path.",
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken(path, (error as Error).message, "valid JSON", "Correct the JSON there.");
  }
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Writes a file whole or not at all: a temporary file beside it, then a rename.
 * @throws InputError when the place cannot be written.
 */
export async function writeFileWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, "utf8");
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const found = `a place that cannot be written (${codeOf(error)})`;
    throw broken(path, found, "a writable file", "Create the folder or choose another path.");
  }
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? String(error);
}

function broken(source: string, found: string, expected: string, remedy: string): InputError {
  return new InputError(source, [{ path: "", found, expected, remedy }]);
}
