import { basename, dirname, extname } from "node:path";
import { InputError } from "../core/errors.js";
import type { Problem } from "../core/errors.js";
import { readPrefix } from "../node/read-prefix.js";
import { readGgufModel } from "../model/gguf-model.js";
import type { GgufReport } from "../model/gguf-model.js";
import { readHuggingFaceConfig } from "../model/hugging-face-config.js";
import type { ConfigReport } from "../model/hugging-face-config.js";
import type { Model } from "../core/model.js";
import { parseJson } from "./parse-json.js";

/** A model from a file, with what was understood of the file. */
export type OpenedModel =
  | { readonly format: "config"; readonly model: Model; readonly report: ConfigReport }
  | { readonly format: "gguf"; readonly model: Model; readonly report: GgufReport };

export interface OpenModelOptions {
  readonly dtype?: string;
  readonly kvDtype?: string;
}

const FIRST_PREFIX = 2 ** 20;
/** Headers carry the vocabulary; none is anywhere near this large. */
const LONGEST_HEADER = 2 ** 29;

/**
 * A Hugging Face config.json or a GGUF file → model.
 * @param readText reads a text file (or standard input).
 * @throws InputError when the file cannot be read or understood.
 */
export async function openModel(
  path: string,
  options: OpenModelOptions,
  readText: (path: string) => Promise<string>,
): Promise<OpenedModel> {
  const name = nameOf(path);
  if (extname(path).toLowerCase() === ".gguf") {
    if (options.dtype !== undefined) throw refuse(path, DTYPE_OF_GGUF);
    return openGguf(path, name, readText);
  }
  const json = parseJson(path, await readText(path));
  const outcome = readHuggingFaceConfig(json, { name, ...options });
  if (outcome.kind === "problems") throw new InputError(path, outcome.problems);
  return { format: "config", model: outcome.model, report: outcome.report };
}

async function openGguf(
  path: string,
  name: string,
  readText: (path: string) => Promise<string>,
): Promise<OpenedModel> {
  for (let length = FIRST_PREFIX; length <= LONGEST_HEADER; length *= 8) {
    // A file that cannot be opened fails in readText with a message of its own.
    const bytes = await readPrefix(path, length).catch(async () => {
      await readText(path);
      return new Uint8Array();
    });
    const outcome = readGgufModel(bytes, name);
    if (outcome.kind === "model") {
      return { format: "gguf", model: outcome.model, report: outcome.report };
    }
    if (outcome.kind === "problems") throw new InputError(path, outcome.problems);
    if (bytes.length < length) break;
  }
  throw refuse(path, CUT_HEADER);
}

/** `…/Llama-3-70B/config.json` is Llama-3-70B, `tiny.gguf` is tiny. */
function nameOf(path: string): string {
  const file = basename(path, extname(path));
  const folder = basename(dirname(path));
  return file === "config" && folder !== "." && folder !== "" ? folder : file;
}

const CUT_HEADER: Problem = {
  path: "",
  found: "a file that ends inside its header",
  expected: "a whole GGUF file",
  remedy: "Download it again.",
};

const DTYPE_OF_GGUF: Problem = {
  path: "dtype",
  found: "a type of weights for a GGUF file",
  expected: "none: the file says what its tensors take",
  remedy: "Leave dtype out.",
};

function refuse(path: string, problem: Problem): InputError {
  return new InputError(path, [problem]);
}
